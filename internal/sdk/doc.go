// Package sdk lays the PHP SDK, which the binary carries, out where a php-fpm can read it.
//
// [Layout] is all of it. The folder's name has a hash of the files in it, so that two versions can run side by side and a
// restart finds PHP's opcache warm.
package sdk
