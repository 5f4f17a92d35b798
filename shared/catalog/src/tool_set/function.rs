//! A tool as the orchestrator model is shown it.

use serde_json::Value;

use super::offered_tool::OfferedTool;
use crate::price_table::ModelWords;

impl OfferedTool<'_> {
    /// The function as the model sees it, its `model` argument narrowed to what is allowed, and told what that costs and how long it takes.
    pub(super) fn function(&self, words: ModelWords<'_>) -> Value {
        let mut function = Value::Object(self.tool.function.clone());
        if let Some(filled) = words.filled(self.tool, self.models.iter().copied()) {
            function["description"] = filled.into();
        }
        if !self.models.is_empty()
            && let Some(model) = function.pointer_mut("/parameters/properties/model/enum")
        {
            *model = self.models.iter().map(|(name, _)| name.as_str()).collect();
        }
        function
    }
}
