//! `demarche syntax`: the tagger and parser, from the corpus's sentences to the trained file.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use clap::Subcommand;
use demarche::corpus::{Part, read_corpus};
use demarche::party::{Linker, Registry};
use demarche::syntax::{Accuracy, Analysis, Mask, STEPS, Unit, after_dateline, measure, read_treebank, train, units};
use demarche::text::{Document, SentenceKind};

use super::Outcome;
use super::progress;
use super::sources::load_parties;

/// One sentence in so many measures.
const TESTED: usize = 10;

/// Train the tagger and parser that every model stands on.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the sentences that a treebank should analyse, JSONL.
    ///
    /// In: a corpus; its held-out articles are left out. Out: a sentence a line, with its tokens, whether white
    /// space follows each, and the words that the parser reads: first token, one past the last, mask or null.
    #[command(
        after_help = "Example:\n  demarche syntax sentences --corpus data/corpus | data/treebank/annotate.py > data/treebank/corpus.conllu"
    )]
    Sentences {
        /// Folder of labelled articles
        #[arg(long, value_name = "DIR", default_value = "data/corpus")]
        corpus: PathBuf,
    },
    /// Train from a treebank and write the file.
    ///
    /// In: a CoNLL-U file. Out: the file that `models/syntax` holds. One sentence in ten measures; then all are
    /// trained on.
    #[command(
        after_help = "Example:\n  demarche syntax train --treebank data/treebank/corpus.conllu --output models/syntax/syntax.safetensors.zst"
    )]
    Train {
        /// CoNLL-U file
        #[arg(long, value_name = "FILE", default_value = "data/treebank/corpus.conllu")]
        treebank: PathBuf,
        /// File to write
        #[arg(long, value_name = "FILE")]
        output: PathBuf,
    },
}

/// Runs `demarche syntax`.
pub(crate) fn run(args: &Args) -> Outcome {
    match &args.command {
        Command::Sentences { corpus } => sentences(corpus),
        Command::Train { treebank, output } => train_file(treebank, output),
    }
}

fn sentences(corpus: &std::path::Path) -> Outcome {
    let registry: Registry = load_parties(None)?;
    let mut out = BufWriter::new(io::stdout().lock());
    for article in read_corpus(corpus)?.iter().filter(|article| article.part() == Part::Train) {
        let document = Document::new(&article.text);
        let mentions = Linker::new(&registry, article.date.parse().ok()).link(&document);
        for (number, sentence) in document.sentences.iter().enumerate() {
            if sentence.kind != SentenceKind::Prose || sentence.tokens.is_empty() {
                continue;
            }
            let body = after_dateline(&document, &sentence.tokens)..sentence.tokens.end;
            let own: Vec<_> = mentions.list.iter().filter(|m| m.sentence == number).cloned().collect();
            let units = units(&document, body, &own);
            writeln!(out, "{}", line(&format!("{}.{number}", article.id), &document, &units))?;
        }
    }
    Ok(())
}

/// One sentence: its tokens but for those that the parser does not read, and the units over them.
fn line(id: &str, document: &Document<'_>, units: &[Unit]) -> serde_json::Value {
    let tokens: Vec<usize> = units.iter().flat_map(|unit| unit.tokens.clone()).collect();
    let surfaces: Vec<&str> = tokens.iter().map(|&token| document.surface(token)).collect();
    let is_spaced = |token: usize| {
        document.tokens.get(token + 1).is_some_and(|next| next.span.start > document.tokens[token].span.end)
    };
    let spaces: Vec<bool> = tokens.iter().map(|&token| is_spaced(token)).collect();
    let mut end = 0;
    let spans = units.iter().map(|unit| {
        let start = end;
        end += unit.tokens.len();
        (start, end, unit.mask.map(Mask::word))
    });
    let spans: Vec<_> = spans.collect();
    serde_json::json!({"id": id, "tokens": surfaces, "spaces": spaces, "units": spans})
}

fn train_file(treebank: &std::path::Path, output: &std::path::Path) -> Outcome {
    let sentences = read_treebank(treebank)?;
    let part = |tested: bool| -> Vec<Analysis> {
        let chosen = sentences.iter().enumerate().filter(|(number, _)| (number % TESTED == 0) == tested);
        chosen.map(|(_, sentence)| sentence.clone()).collect()
    };
    let (tested, kept) = (part(true), part(false));
    let bar = progress::bar("training", 2 * STEPS);
    let Accuracy { words, tags, heads, relations } = measure(&train(&kept, || bar.inc(1)), &tested);
    let share = |part: usize| part as f64 / words.max(1) as f64;
    let model = train(&sentences, || bar.inc(1));
    bar.finish_and_clear();
    model.save(output)?;
    writeln!(
        io::stdout(),
        "{}: {} sentences; on one in ten left out ({words} words): tags {:.3}, heads {:.3}, heads and relations {:.3}",
        output.display(),
        sentences.len(),
        share(tags),
        share(heads),
        share(relations)
    )?;
    Ok(())
}
