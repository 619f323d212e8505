//! Stands between a test and the system's file calls.
