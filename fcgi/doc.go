// Package fcgi is a FastCGI client in the responder role, made for php-fpm.
package fcgi
