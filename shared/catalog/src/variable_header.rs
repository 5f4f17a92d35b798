//! What an operator has sent to a server without writing it down.

/// A header whose value stands in an environment variable, so that no file holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableHeader {
    /// In lower case.
    pub name: String,
    /// The name of the variable that holds the whole value.
    pub variable: String,
}
