// Package fpm runs a php-fpm of our own: for `serve` without --fpm, and for every test that wants a real one.
//
// Know three names: [Start] returns a [Server] that accepts connections, [Server.Address] is where, [Server.Stop] ends it.
// A php-fpm that dies is started again with back-off, its log goes to slog line by line, and all of it lives in one
// private folder that Stop removes.
//
// Two facts shape the code, both measured with php-fpm 8.2:
//   - A master killed with SIGKILL leaves its workers alive, in their accept loop, on the old socket. So every php-fpm
//     gets a process group of its own, which is killed before the next start.
//   - Workers and the re-executed master of a reload keep descriptor 3. So a pipe there tells exactly when the last
//     process is gone; waiting for the master alone does not, and zombies make polling the group lie.
//
// It does not speak FastCGI, and it does not change the user's php.ini: that and conf.d stay in force.
package fpm
