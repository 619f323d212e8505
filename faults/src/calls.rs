//! The calls, under the names that the standard library and SQLite link to. Each makes the system call of the same name
//! by its number, and sets `errno` like the original. The safety requirements of their callers are those of the system
//! calls.

// The numbers of the system have the width of the types that they are converted to.
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use std::ffi::{CStr, OsStr};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::slice;

use libc::{c_char, c_int, c_long, c_uint, c_void, mode_t, off_t, size_t, ssize_t};

use crate::watch::{self, Event, Fault, Op};

/// Ends the process like `kill -9`: no more code runs.
pub(crate) fn die() -> ! {
    // SAFETY: no memory is passed.
    unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    loop {
        std::thread::park();
    }
}

/// Returns the path that a caller passed.
///
/// # Safety
///
/// It must be a string that ends in zero, as the call requires.
unsafe fn path<'a>(path: *const c_char) -> &'a Path {
    // SAFETY: up to the caller.
    let bytes = unsafe { CStr::from_ptr(path) }.to_bytes();
    Path::new(OsStr::from_bytes(bytes))
}

/// Returns the result of a system call as the standard library represents it.
fn result(returned: c_long) -> io::Result<c_long> {
    if returned == -1 { Err(io::Error::last_os_error()) } else { Ok(returned) }
}

/// Returns the result as the caller of the C function expects it.
fn returned<T: TryFrom<c_long>>(result: io::Result<impl Into<c_long>>) -> T {
    let number =
        result.map_or_else(|error| fail(error.raw_os_error().unwrap_or(libc::EIO)), Into::into);
    T::try_from(number).unwrap_or_else(|_| unreachable!("the result of a call fits its type"))
}

fn fail(errno: c_int) -> c_long {
    // SAFETY: `errno` belongs to this thread.
    unsafe { *libc::__errno_location() = errno };
    -1
}

/// Returns early if a call is to fail; for calls that write nothing.
macro_rules! fail_if_asked {
    ($fault:expr) => {
        match $fault {
            Some(Fault::Errno(errno)) => {
                return returned(Err::<c_long, _>(io::Error::from_raw_os_error(errno)))
            }
            Some(Fault::Short(_) | Fault::Kill) | None => {}
        }
    };
}

// `open` and `open64` are the same on 64-bit systems, and so are the other pairs. Where the C declaration has `...`,
// the mode is passed like a third argument; if it is absent, it is not used.

#[unsafe(no_mangle)]
unsafe extern "C" fn open64(name: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: up to the caller, as for the two below.
    let call = || {
        result(unsafe {
            libc::syscall(libc::SYS_openat, libc::AT_FDCWD, name, flags, mode as c_uint)
        })
    };
    let path = unsafe { path(name) };
    let Some(watched) = watch::over(path) else {
        let opened = call();
        if let Ok(descriptor) = opened {
            watch::closing(descriptor as c_int);
        }
        return returned(opened);
    };
    let creates = flags & libc::O_CREAT != 0 && !path.exists();
    let op = match flags & libc::O_ACCMODE {
        _ if creates => Op::Create,
        libc::O_RDONLY => Op::Open,
        _ => Op::OpenToWrite,
    };
    fail_if_asked!(watched.ask(op, path));
    returned(watched.act(call, |record, &descriptor| {
        let descriptor = descriptor as c_int;
        let is_directory = path.is_dir();
        let emptied = flags & libc::O_TRUNC != 0;
        watch::enter(&watched, record, descriptor, path, is_directory, emptied);
    }))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn open(name: *const c_char, flags: c_int, mode: mode_t) -> c_int {
    // SAFETY: up to the caller.
    unsafe { open64(name, flags, mode) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn close(descriptor: c_int) -> c_int {
    watch::closing(descriptor);
    // SAFETY: up to the caller.
    returned(result(unsafe { libc::syscall(libc::SYS_close, descriptor) }))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pread64(
    descriptor: c_int,
    to: *mut c_void,
    length: size_t,
    at: off_t,
) -> ssize_t {
    if let Some(opened) = watch::opened(descriptor) {
        fail_if_asked!(opened.ask(Op::Read));
    }
    // SAFETY: up to the caller.
    returned(result(unsafe { libc::syscall(libc::SYS_pread64, descriptor, to, length, at) }))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pread(
    descriptor: c_int,
    to: *mut c_void,
    length: size_t,
    at: off_t,
) -> ssize_t {
    // SAFETY: up to the caller.
    unsafe { pread64(descriptor, to, length, at) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn read(descriptor: c_int, to: *mut c_void, length: size_t) -> ssize_t {
    if let Some(opened) = watch::opened(descriptor) {
        fail_if_asked!(opened.ask(Op::Read));
    }
    // SAFETY: up to the caller.
    returned(result(unsafe { libc::syscall(libc::SYS_read, descriptor, to, length) }))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite64(
    descriptor: c_int,
    from: *const c_void,
    length: size_t,
    at: off_t,
) -> ssize_t {
    // SAFETY: up to the caller, as for the slice below.
    let call = |length: size_t| {
        result(unsafe { libc::syscall(libc::SYS_pwrite64, descriptor, from, length, at) })
    };
    let Some(opened) = watch::opened(descriptor) else {
        return returned(call(length));
    };
    let mut length = length;
    match opened.ask(Op::Write(length)) {
        Some(Fault::Errno(errno)) => return fail(errno) as ssize_t,
        Some(Fault::Short(bytes)) => length = length.min(bytes),
        Some(Fault::Kill) | None => {}
    }
    returned(opened.act(
        || call(length),
        |file, &written| Event::Wrote {
            file,
            at: at as u64,
            bytes: unsafe { slice::from_raw_parts(from.cast::<u8>(), written as usize) }.to_vec(),
        },
    ))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn pwrite(
    descriptor: c_int,
    from: *const c_void,
    length: size_t,
    at: off_t,
) -> ssize_t {
    // SAFETY: up to the caller.
    unsafe { pwrite64(descriptor, from, length, at) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn write(descriptor: c_int, from: *const c_void, length: size_t) -> ssize_t {
    if watch::opened(descriptor).is_some() {
        // No other thread moves the position of a descriptor under test meanwhile.
        // SAFETY: no memory is passed; the rest is up to the caller.
        unsafe {
            let at = libc::syscall(libc::SYS_lseek, descriptor, 0, libc::SEEK_CUR);
            let written = pwrite64(descriptor, from, length, at);
            if written > 0 {
                libc::syscall(libc::SYS_lseek, descriptor, written, libc::SEEK_CUR);
            }
            return written;
        }
    }
    // SAFETY: up to the caller.
    returned(result(unsafe { libc::syscall(libc::SYS_write, descriptor, from, length) }))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ftruncate64(descriptor: c_int, length: off_t) -> c_int {
    // SAFETY: no memory is passed.
    let call = || result(unsafe { libc::syscall(libc::SYS_ftruncate, descriptor, length) });
    let Some(opened) = watch::opened(descriptor) else {
        return returned(call());
    };
    fail_if_asked!(opened.ask(Op::Truncate));
    returned(opened.act(call, |file, _| Event::Truncated { file, length: length as u64 }))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn ftruncate(descriptor: c_int, length: off_t) -> c_int {
    // SAFETY: up to the caller.
    unsafe { ftruncate64(descriptor, length) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fsync(descriptor: c_int) -> c_int {
    sync(descriptor, libc::SYS_fsync)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn fdatasync(descriptor: c_int) -> c_int {
    sync(descriptor, libc::SYS_fdatasync)
}

fn sync(descriptor: c_int, number: c_long) -> c_int {
    // SAFETY: no memory is passed.
    let call = || result(unsafe { libc::syscall(number, descriptor) });
    let Some(opened) = watch::opened(descriptor) else {
        return returned(call());
    };
    fail_if_asked!(opened.ask(Op::Sync));
    returned(opened.sync(call))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: up to the caller.
    let call = || {
        result(unsafe {
            libc::syscall(libc::SYS_renameat2, libc::AT_FDCWD, from, libc::AT_FDCWD, to, 0)
        })
    };
    let (from, to) = unsafe { (path(from), path(to)) };
    let Some(watched) = watch::over(from) else {
        return returned(call());
    };
    fail_if_asked!(watched.ask(Op::Rename, from));
    returned(watched.act(call, |record, _| record.renamed(from, to)))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn linkat(
    from_directory: c_int,
    from: *const c_char,
    to_directory: c_int,
    to: *const c_char,
    flags: c_int,
) -> c_int {
    // SAFETY: up to the caller.
    let call = || {
        result(unsafe {
            libc::syscall(libc::SYS_linkat, from_directory, from, to_directory, to, flags)
        })
    };
    let (from, to) = unsafe { (path(from), path(to)) };
    let Some(watched) = watch::over(from) else {
        return returned(call());
    };
    fail_if_asked!(watched.ask(Op::Rename, from));
    returned(watched.act(call, |record, _| record.linked(from, to)))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn unlink(name: *const c_char) -> c_int {
    // SAFETY: up to the caller.
    unsafe { remove(name, 0) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn rmdir(name: *const c_char) -> c_int {
    // SAFETY: up to the caller.
    unsafe { remove(name, libc::AT_REMOVEDIR) }
}

unsafe fn remove(name: *const c_char, flags: c_int) -> c_int {
    // SAFETY: up to the caller.
    let call = || result(unsafe { libc::syscall(libc::SYS_unlinkat, libc::AT_FDCWD, name, flags) });
    let path = unsafe { path(name) };
    let Some(watched) = watch::over(path) else {
        return returned(call());
    };
    fail_if_asked!(watched.ask(Op::Remove, path));
    returned(watched.act(call, |record, _| record.removed(path)))
}

#[unsafe(no_mangle)]
unsafe extern "C" fn mkdir(name: *const c_char, mode: mode_t) -> c_int {
    // SAFETY: up to the caller.
    let call = || result(unsafe { libc::syscall(libc::SYS_mkdirat, libc::AT_FDCWD, name, mode) });
    let path = unsafe { path(name) };
    let Some(watched) = watch::over(path) else {
        return returned(call());
    };
    fail_if_asked!(watched.ask(Op::MakeDirectory, path));
    returned(watched.act(call, |record, _| record.made_directory(path)))
}
