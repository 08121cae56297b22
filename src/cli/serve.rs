//! `serve` and `users`: the review in a browser, and who may come in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand, ValueEnum};

use super::project::{Project, now_ms};
use super::review::desk;
use super::review::who::who;
use crate::domain::GraderName;
use crate::domain::log::Via;
use crate::error::{AppError, Exit};
use crate::review::queue::Role;
use crate::review::web::{Crowd, Serve, Server, invite};

/// `serve`
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The run: an id, the beginning of one, or `last`.
    #[arg(long, value_name = "RUN", default_value = "last")]
    pub run: String,
    /// Who you are, for a server on this machine; default: the name in your git configuration, or of your account.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
    /// Port on this machine; default: any free one.
    #[arg(long, value_name = "PORT", conflicts_with = "listen")]
    pub port: Option<u16>,
    /// Address for a team, e.g. `0.0.0.0:8443`: wants users, and TLS or a proxy.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Name under which browsers ask, e.g. `review.example.com`; several may be given, the first is shown.
    #[arg(long = "host", value_name = "NAME", requires = "listen")]
    pub hosts: Vec<String>,
    /// Certificate chain, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key", requires = "listen")]
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// A proxy in front of it speaks https with the browsers and keeps the Host, and nobody can go around it.
    #[arg(long, requires = "listen", conflicts_with = "tls_cert")]
    pub trusted_proxy: bool,
}

/// `users`
#[derive(Args, Debug)]
pub struct UsersArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: UsersVerb,
}

/// What can be done with users.
#[derive(Debug, Subcommand)]
pub enum UsersVerb {
    /// Let somebody in, or change their role; prints an invite that works once, for a week.
    Add {
        /// Their name; a pseudonym is fine.
        name: String,
        /// What they may do.
        #[arg(long, value_enum)]
        role: RoleArg,
    },
    /// List who may come in.
    List,
    /// Take somebody out: their logins and invites end at once, their decisions stay.
    Remove {
        /// Their name.
        name: String,
    },
}

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoleArg {
    /// Reads progress.
    Viewer,
    /// Grades.
    Grader,
    /// Also decides conflicts.
    Adjudicator,
    /// Also sees how people grade, and takes what nobody else can.
    Owner,
}

impl From<RoleArg> for Role {
    fn from(r: RoleArg) -> Self {
        match r {
            RoleArg::Viewer => Self::Viewer,
            RoleArg::Grader => Self::Grader,
            RoleArg::Adjudicator => Self::Adjudicator,
            RoleArg::Owner => Self::Owner,
        }
    }
}

fn grader(name: &str) -> Result<GraderName, AppError> {
    GraderName::new(name).map_err(|e| AppError::usage(e.to_string()))
}

/// `serve`
pub async fn exec(project: &Project, args: &ServeArgs) -> Result<Exit, AppError> {
    let head = project.run(&args.run).await?;
    let crowd = if args.listen.is_some() {
        if project.store.accounts().await?.is_empty() {
            return Err(AppError::usage("an address that others can reach wants users, and there is none")
                .with_help("`tribunal users add NAME --role grader` lets somebody in"));
        }
        Crowd::Team(Vec::new())
    } else {
        Crowd::Local(Box::new(who(args.name.as_deref(), Via::Web)?))
    };
    let listen = args.listen.unwrap_or_else(|| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), args.port.unwrap_or(0)));
    let tls = args.tls_cert.clone().zip(args.tls_key.clone());
    let serve = Serve { listen, hosts: args.hosts.clone(), crowd, tls, behind_proxy: args.trusted_proxy };
    let ui = project.ui.clone();
    let log = Arc::new(move |line: &str| ui.say(line));
    let server = Server::bind(desk(project, head).await?, serve, log).await?;
    let how = if args.listen.is_some() {
        "people come in by their invites"
    } else {
        "the link works once; Ctrl+C stops the server, nothing is lost"
    };
    project.ui.say(&format!("review in the browser ({how}):"));
    project.ui.line(server.url())?;
    server.run(async { _ = tokio::signal::ctrl_c().await }).await?;
    Ok(Exit::Good)
}

/// `users`
pub async fn users(project: &Project, args: &UsersArgs) -> Result<Exit, AppError> {
    match &args.verb {
        UsersVerb::Add { name, role } => {
            let name = grader(name)?;
            let token = invite(project.store.as_ref(), name.clone(), (*role).into(), now_ms()).await?;
            project.ui.say(&format!(
                "{name} may come in as {}; send them this after the server's address, it works once:",
                Role::from(*role).word()
            ));
            project.ui.line(format!("/invite/{token}"))?;
        }
        UsersVerb::List => {
            for a in project.store.accounts().await? {
                project.ui.line(format!("{}\t{}", a.name, a.role))?;
            }
        }
        UsersVerb::Remove { name } => {
            let name = grader(name)?;
            if !project.store.drop_account(&name).await? {
                return Err(AppError::usage(format!("there is no user `{name}`")).with_help("`tribunal users list` lists them"));
            }
            project.ui.say(&format!("{name} is out; what they decided stays"));
        }
    }
    Ok(Exit::Good)
}
