//! Why a reply is no decision.

/// Why a reply is no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecisionFault {
    /// It is no JSON object, or one of another form: its server does not keep replies to a schema.
    OtherForm,
    /// It goes on with blanks, which JSON allows without end.
    Blanks,
}
