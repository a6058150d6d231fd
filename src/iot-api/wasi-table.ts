/**
 * The functions of WASI preview 1 by their WebAssembly types: each line has a type and the names of functions of it.
 * `wasi.ts` has what they do; tools/iot-api.mjs makes of both tables the types that imports are linked by
 * (native/io/functions.c).
 */

export const wasiModule = "wasi_snapshot_preview1";

const wasiFunctions = `() -> (i32): sched_yield
(i32) -> (): proc_exit
(i32) -> (i32): fd_close fd_datasync fd_sync proc_raise
(i32 i32) -> (i32): args_get args_sizes_get clock_res_get environ_get environ_sizes_get
(i32 i32) -> (i32): fd_fdstat_get fd_fdstat_set_flags fd_filestat_get fd_prestat_get fd_renumber fd_tell
(i32 i32) -> (i32): random_get sock_shutdown
(i32 i64) -> (i32): fd_filestat_set_size
(i32 i32 i32) -> (i32): fd_prestat_dir_name path_create_directory path_remove_directory path_unlink_file sock_accept
(i32 i64 i32) -> (i32): clock_time_get
(i32 i64 i64) -> (i32): fd_allocate fd_fdstat_set_rights
(i32 i32 i32 i32) -> (i32): fd_read fd_write poll_oneoff
(i32 i64 i32 i32) -> (i32): fd_seek
(i32 i64 i64 i32) -> (i32): fd_advise fd_filestat_set_times
(i32 i32 i32 i32 i32) -> (i32): path_filestat_get path_symlink sock_send
(i32 i32 i32 i64 i32) -> (i32): fd_pread fd_pwrite fd_readdir
(i32 i32 i32 i32 i32 i32) -> (i32): path_readlink path_rename sock_recv
(i32 i32 i32 i32 i32 i32 i32) -> (i32): path_link
(i32 i32 i32 i32 i64 i64 i32) -> (i32): path_filestat_set_times
(i32 i32 i32 i32 i32 i64 i64 i32 i32) -> (i32): path_open`;

/** The lines of that, as [type, names]. */
export function wasiTypes(): [type: string, names: string[]][] {
	const lines = wasiFunctions.split("\n");
	const types: [string, string[]][] = [];
	for (let i = 0; i < lines.length; i++) {
		const line = lines[i]!;
		const colon = line.indexOf(":");
		types.push([line.slice(0, colon), line.slice(colon + 2).split(" ")]);
	}
	return types;
}
