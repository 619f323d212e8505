//! The types that users call: the store, its jobs, and the requests that their calls return.

pub(crate) mod by_id;
pub(crate) mod flush;
pub(crate) mod future_hint;
pub(crate) mod job;
pub(crate) mod jobs;
pub(crate) mod limits;
pub(crate) mod open_job;
pub(crate) mod paging;
pub(crate) mod permit;
pub(crate) mod persistency;
pub(crate) mod query;
pub(crate) mod read;
pub(crate) mod request;
pub(crate) mod reserve;
pub(crate) mod rows;
pub(crate) mod run;
pub(crate) mod scan;
pub(crate) mod scan_stream;
pub(crate) mod singleton;
pub(crate) mod slots;
pub(crate) mod submit;
pub(crate) mod ticket;
pub(crate) mod transaction;
pub(crate) mod try_error;
pub(crate) mod view;
pub(crate) mod view_read;
