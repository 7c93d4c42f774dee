// Package standin finds the functions of PHP by which a script refuses to run without Swoole: it asks for the extension, its version, or
// the command line. PHP 8 lets a function of that name take the place of one that is disabled, so in a PHP that we start ourselves the SDK
// can answer: [Wanted] says which are needed, and [Code] is their code (php-sdk/compat/standins).
//
// And it finds out which classes the SDK is to have for a script: [Typed].
//
// It starts nothing, and stands on the standard library.
package standin
