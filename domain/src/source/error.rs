#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("this source is already connected")]
    AlreadyConnected,
    #[error("there is no such source; connect it first")]
    NotConnected,
    #[error("this source was disconnected; connect it again")]
    Disconnected,
    #[error("a source needs a name of 1 to 120 characters")]
    InvalidName,
}
