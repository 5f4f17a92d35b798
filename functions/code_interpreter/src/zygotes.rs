//! The Pythons that programs are forked from, one for each [`Packages`]: started when they are missing, replaced when they
//! have ended. Where the kernel holds programs apart, each has a process at hand that waits for the next program.
//!
//! Refuses to let one wait elsewhere: there a program could reach it, and with it the next one.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::home::Root;
use crate::prepared_process::PreparedProcess;
use crate::python::Python;
use crate::sandbox::packages::Packages;
use crate::sandbox::zygote::Zygote;
use crate::sandbox::{Level, Policy};
use crate::slots::Slots;

/// Processes that wait at once.
pub const MAX_WAITING: u32 = 3;

#[derive(Debug)]
pub struct Zygotes {
    python: Python,
    policy: Policy,
    slots: Arc<Slots>,
    /// One for each of [`Packages`], in their order.
    places: [Mutex<Option<Present>>; MAX_WAITING as usize],
    /// Last, so that it goes after all that lies in it.
    root: Root,
}

#[derive(Debug)]
struct Present {
    zygote: Arc<Zygote>,
    /// The only place where it and what it forks may write.
    root: PathBuf,
    waiting: Option<PreparedProcess>,
}

impl Zygotes {
    pub fn new(python: Python, policy: Policy, root: Root, slots: Arc<Slots>) -> Self {
        Self {
            python,
            policy,
            root,
            slots,
            places: Default::default(),
        }
    }

    /// Starts those that are not there yet. Gives the packages that are installed.
    pub async fn warm_up(&self) -> io::Result<Vec<String>> {
        let installed = self.of(Packages::None).await?.installed.clone();
        let ready = async |packages: Packages| {
            let packages = packages.among(&installed);
            self.of(packages).await?;
            self.prepare_next(packages).await
        };
        let (none, numpy, all) = tokio::join!(
            ready(Packages::None),
            ready(Packages::Numpy),
            ready(Packages::All)
        );
        none.and(numpy).and(all)?;
        Ok(installed)
    }

    /// The one that has what `code` most likely wants.
    pub async fn for_code(&self, code: &str) -> io::Result<Arc<Zygote>> {
        let bare = self.of(Packages::None).await?;
        self.of(Packages::of(code).among(&bare.installed)).await
    }

    async fn of(&self, packages: Packages) -> io::Result<Arc<Zygote>> {
        let mut place = self.place(packages).lock().await;
        let root = self.root.directory().await?;
        if let Some(present) = &*place
            && present.root == root
        {
            return Ok(Arc::clone(&present.zygote));
        }
        let started = Zygote::start(&self.python, &self.policy, &root, packages).await?;
        let zygote = Arc::new(started);
        *place = Some(Present {
            zygote: Arc::clone(&zygote),
            root,
            waiting: None,
        });
        Ok(zygote)
    }

    /// A process for one program: the one that waits, or else a new one.
    pub async fn prepared(&self, zygote: &Arc<Zygote>) -> io::Result<PreparedProcess> {
        let mut place = self.place(zygote.packages).lock().await;
        let waiting = place
            .as_mut()
            .filter(|present| Arc::ptr_eq(&present.zygote, zygote))
            .and_then(|present| present.waiting.take());
        drop(place);
        match waiting {
            Some(prepared) => Ok(prepared),
            None => self.fork(zygote).await,
        }
    }

    /// Has a process forked for the next program, where that may be and none waits yet. A Python that has been let go of is
    /// started again for it.
    pub async fn prepare_next(&self, packages: Packages) -> io::Result<()> {
        if self.policy.level != Level::Strict {
            return Ok(());
        }
        self.of(packages).await?;
        let mut place = self.place(packages).lock().await;
        if let Some(present) = &mut *place
            && present.waiting.is_none()
        {
            present.waiting = Some(self.fork(&present.zygote).await?);
        }
        Ok(())
    }

    async fn fork(&self, zygote: &Zygote) -> io::Result<PreparedProcess> {
        let root = self.root.directory().await?;
        PreparedProcess::fork(zygote, &self.policy, &root, self.slots.number()?).await
    }

    /// Lets go of one that has ended. Another run may have replaced it already.
    pub async fn forget(&self, zygote: &Arc<Zygote>) {
        let mut place = self.place(zygote.packages).lock().await;
        if place
            .as_ref()
            .is_some_and(|present| Arc::ptr_eq(&present.zygote, zygote))
        {
            tracing::warn!("Python has ended; it is started again");
            *place = None;
        }
    }

    /// Lets go of all.
    pub async fn clear(&self) {
        for packages in Packages::EACH {
            *self.place(packages).lock().await = None;
        }
    }

    fn place(&self, packages: Packages) -> &Mutex<Option<Present>> {
        let [none, numpy, all] = &self.places;
        match packages {
            Packages::None => none,
            Packages::Numpy => numpy,
            Packages::All => all,
        }
    }
}
