//! A point at which a process is to die or to freeze, and the points that were passed.

use std::sync::{Arc, Mutex};

use crate::gate::Gate;

/// Burns at one point; whoever comes there stays until it is released.
#[derive(Clone, Debug)]
pub struct Fuse(Arc<Points>);

#[derive(Debug)]
struct Points {
    deadly: Mutex<Option<String>>,
    passed: Mutex<Vec<String>>,
    gate: Mutex<Gate>,
}

impl Default for Fuse {
    fn default() -> Self {
        Self(Arc::new(Points {
            deadly: Mutex::default(),
            passed: Mutex::default(),
            gate: Mutex::new(Gate::shut()),
        }))
    }
}

impl Fuse {
    /// Burns at this point.
    pub fn set(&self, point: &str) {
        *self.0.gate.lock().unwrap() = Gate::shut();
        *self.0.deadly.lock().unwrap() = Some(point.to_owned());
    }

    /// Waits until somebody stands at the point.
    pub async fn burnt(&self) {
        self.gate().reached().await;
    }

    pub fn is_burnt(&self) -> bool {
        self.gate().is_reached()
    }

    /// Lets what stands at the point go on.
    pub fn release(&self) {
        self.gate().open();
    }

    pub(super) fn gate(&self) -> Gate {
        self.0.gate.lock().unwrap().clone()
    }

    /// All points that were passed, in order.
    pub fn points(&self) -> Vec<String> {
        self.0.passed.lock().unwrap().clone()
    }

    /// Whether this is the deadly point, met for the first time: whoever meets it goes to the gate.
    pub fn meets(&self, point: &str) -> bool {
        self.0.passed.lock().unwrap().push(point.to_owned());
        let deadly = self.0.deadly.lock().unwrap().take_if(|it| it == point);
        deadly.is_some()
    }

    /// Goes on, unless this is the deadly point.
    pub(super) async fn pass(&self, point: String) {
        if self.meets(&point) {
            self.gate().pass().await;
        }
    }
}
