// Package phpsdk carries the PHP SDK inside the binary, so that one file is a whole installation.
package phpsdk

import "embed"

// Files are the SDK's PHP files, as they lie in this folder. Tests and tools of the SDK stay out.
//
//go:embed *.php src compat bundle
var Files embed.FS
