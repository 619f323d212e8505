//! What the tests share.
pub mod adversarial;
pub mod fuzzing;
pub mod scripted;
