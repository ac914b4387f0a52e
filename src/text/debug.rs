//! The `Debug` output of texts that people write.

/// Implements `Debug` with the length of the text in bytes, but without its content.
macro_rules! impl_redacted_debug {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({} bytes)", stringify!($name), self.as_str().len())
            }
        }
    };
}
pub(crate) use impl_redacted_debug;
