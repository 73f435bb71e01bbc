//! `demarche classify`: articles in, rows out; in this process, or by asking a server.

mod batch;
mod engine;
mod line;
mod lines;
mod parquet;
mod single;
mod sink;
mod source;

use std::path::PathBuf;

use clap::ValueEnum;
use demarche::proto::{Article, ClassifyRequest};
use demarche::server::{Access, party_of_code};

use super::sources::Sources;
use super::{Exit, Outcome};
use engine::Engine;

/// The variable with the bearer token for the server.
const TOKEN: &str = "DEMARCHE_TOKEN";

/// Read articles and print which party stands where.
///
/// In: the plain text of one article (FILE, or standard input), or many articles as JSONL or Parquet (--input).
/// Out: a table, JSON (the proto3 JSON form of `ClassifyResponse`), or for --input a JSON line a line, or Parquet.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  demarche classify article.txt --date 2023-08-08 --issue 'the war in Ukraine'
  demarche classify --format json < article.txt
  demarche classify --input articles.jsonl --output rows.jsonl
  demarche classify --input articles.parquet --output rows.parquet --resume
  demarche classify article.txt --server 127.0.0.1:50051
  DEMARCHE_TOKEN=... demarche classify article.txt --server https://stance.example:50051 --ca ca.pem

A line of --input is
  {\"id\",\"text\"[,\"title\",\"date\",\"issue\",\"language\",\"speaker\"]}
where \"date\" is YYYY-MM-DD and \"speaker\" a code such as CN or NATO. Other fields
are ignored; options hold for lines that do not say otherwise. A bad line gives
  {\"id\",\"error\":{\"code\",\"reason\",\"message\",\"field\"}}
and the run goes on; the exit code is then 1.

Parquet has the same fields as columns of text (\"date\" also as a date). The output
is a folder of part files, as Spark writes one, with all columns of the articles and
\"stances\", \"recognised_issue\", \"model\" and \"error\"; offsets count code points.")]
pub(crate) struct Args {
    /// Plain text of one article, UTF-8; standard input if absent or `-`.
    #[arg(conflicts_with = "input")]
    file: Option<PathBuf>,
    /// JSONL, an article a line, `-` for standard input; or a Parquet file, or a folder of them.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Where the answers to --input go: JSONL, standard output if absent or `-`; or a new folder NAME.parquet.
    #[arg(long, value_name = "FILE", requires = "input")]
    output: Option<PathBuf>,
    /// Go on where an earlier run into this --output was stopped; its answers are kept.
    #[arg(long, requires = "output")]
    resume: bool,
    /// Ask the server at this address instead of reading in this process.
    #[arg(long, value_name = "ADDR", conflicts_with_all = ["model", "parties"])]
    server: Option<String>,
    /// Certificate of the authority that the server's certificate comes from, PEM; needed for https://.
    #[arg(long, value_name = "FILE", requires = "server")]
    ca: Option<PathBuf>,
    /// How to print; `jsonl` is JSON on one line, and the only format for --input [default: table].
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The issue at hand in free words; without it, it is recognised.
    #[arg(long, value_name = "WORDS")]
    issue: Option<String>,
    /// Only positions toward this party: a region (CN) or a bloc (NATO).
    #[arg(long, value_name = "CODE")]
    target: Option<String>,
    /// Day of publication, YYYY-MM-DD, at which officials are resolved.
    #[arg(long, value_name = "DATE")]
    date: Option<String>,
    /// Headline.
    #[arg(long)]
    title: Option<String>,
    /// The party whose own words the text is, for speeches and statements.
    #[arg(long, value_name = "CODE")]
    speaker: Option<String>,
    /// Tell which features decided, and by how much.
    #[arg(long)]
    explain: bool,
    /// Also rows that do not count: attributed by others, conditional, hedged, past.
    #[arg(long)]
    include_uncounted: bool,
    /// Leave out rows below this confidence, 0 to 1; 0 is the model's own threshold.
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    min_confidence: f64,
    #[command(flatten)]
    sources: Sources,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table, for reading.
    Table,
    /// JSON, indented.
    Json,
    /// JSON on one line.
    Jsonl,
}

pub(crate) fn run(args: &Args) -> Outcome {
    if args.input.is_some() && args.format.is_some_and(|format| format != Format::Jsonl) {
        return Err(Exit::usage("--input gives JSONL only; leave --format out, or give --format jsonl"));
    }
    let template = args.template();
    if let Some(input) = &args.input {
        let (output, resume) = (args.output.as_deref(), args.resume);
        return batch::run(batch::Run { input, output, resume, template }, &|| args.engine());
    }
    let format = args.format.unwrap_or(Format::Table);
    single::run(args.file.as_deref(), format, template, &|| args.engine())
}

impl Args {
    fn engine(&self) -> Result<Engine, Exit> {
        match &self.server {
            Some(address) => Engine::remote(address, &self.access()?, self.input.is_some()),
            None => Ok(Engine::local(self.sources.classifier()?)),
        }
    }

    /// What the server asks for. The token is no option: others could see it in the list of processes.
    fn access(&self) -> Result<Access, Exit> {
        let read = |path: &PathBuf| std::fs::read(path).map_err(|error| Exit::no_input(path.display(), &error));
        let token = std::env::var(TOKEN).ok().filter(|token| !token.is_empty());
        Ok(Access { ca: self.ca.as_ref().map(read).transpose()?, token })
    }

    /// The request that the options make; only the text is missing.
    fn template(&self) -> ClassifyRequest {
        let article = Article {
            title: self.title.clone().unwrap_or_default(),
            publish_date: self.date.clone().unwrap_or_default(),
            speaker: self.speaker.as_deref().map(party_of_code),
            ..Article::default()
        };
        ClassifyRequest {
            article: Some(article),
            issue: self.issue.clone().unwrap_or_default(),
            target: self.target.as_deref().map(party_of_code),
            min_confidence: self.min_confidence,
            explain: self.explain,
            include_uncounted: self.include_uncounted,
            ..ClassifyRequest::default()
        }
    }
}
