// Package sockopt sets options of sockets: of listeners, and of the connections that they accept. [Options] is what is wanted.
package sockopt
