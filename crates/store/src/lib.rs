//! Disk, objects, rows, outbound: the only crate that knows a file system, a database driver or a socket.
