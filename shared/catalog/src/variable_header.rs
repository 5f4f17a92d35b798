//! What an operator has sent to a server beside what is asked.

/// A header whose value stands in an environment variable, so that no file holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableHeader {
    /// In lower case.
    pub name: String,
    /// The name of the variable that holds the whole value.
    pub variable: String,
}

/// A header of the requests to a model's server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelHeader {
    /// In lower case.
    pub name: String,
    pub value: HeaderText,
}

/// Where the value of a header stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderText {
    /// In the catalogue: it is no secret.
    Written(String),
    /// In the variable of this name.
    Variable(String),
}
