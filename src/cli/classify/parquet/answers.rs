//! Answers as columns.

use std::sync::Arc;

use arrow_array::builder::{Float64Builder, Int32Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{ArrayRef, builder::ArrayBuilder};
use arrow_schema::{DataType, Field, Fields};
use demarche::proto::{
    ClassifyResponse, CountryStances, Modality, ModelRef, Party, Stance, StanceRow, Voice, party, target,
};
use demarche::server::Failure;

use crate::cli::classify::sink::Answered;

const MODEL: &[&str] = &["name", "version", "content_hash"];
const ERROR: &[&str] = &["code", "reason", "message"];

/// The columns that are added to the articles' own.
pub(super) fn fields() -> Vec<Field> {
    vec![
        Field::new_list("stances", Field::new_list_field(DataType::Struct(stance()), true), true),
        Field::new("recognised_issue", DataType::Utf8, true),
        Field::new("model", DataType::Struct(texts(MODEL)), true),
        Field::new("error", DataType::Struct(texts(ERROR)), true),
    ]
}

fn texts(names: &[&str]) -> Fields {
    names.iter().map(|name| Field::new(*name, DataType::Utf8, true)).collect()
}

/// A row: with its strongest sentence, whose offsets count code points.
fn stance() -> Fields {
    let numbers = ["confidence", "aligned", "neutral", "opposed"].map(|name| (name, DataType::Float64));
    let texts = |names: &[&'static str]| names.iter().map(|name| (*name, DataType::Utf8)).collect::<Vec<_>>();
    let mut all = texts(&["holder_code", "holder", "stance", "target_code", "target"]);
    all.extend(numbers);
    all.extend(texts(&["voice", "modality", "speaker", "sentence"]));
    all.extend(["start", "end"].map(|name| (name, DataType::Int32)));
    all.into_iter().map(|(name, kind)| Field::new(name, kind, true)).collect()
}

/// The columns of these answers, in the order of [`fields`].
pub(super) fn columns(answers: &[Answered]) -> Vec<ArrayRef> {
    let mut stances = ListBuilder::new(StructBuilder::from_fields(stance(), 0));
    let mut issues = StringBuilder::new();
    let mut models = StructBuilder::from_fields(texts(MODEL), answers.len());
    let mut errors = StructBuilder::from_fields(texts(ERROR), answers.len());
    for answered in answers {
        match answered {
            Ok(response) => {
                rows(stances.values(), response);
                stances.append(true);
                issues.append_value(&response.issue);
                add_texts(&mut models, response.model.as_ref().map(model));
                add_texts(&mut errors, None);
            }
            Err(failure) => {
                stances.append(false);
                issues.append_null();
                add_texts(&mut models, None);
                add_texts(&mut errors, Some(error(failure)));
            }
        }
    }
    vec![Arc::new(stances.finish()), Arc::new(issues.finish()), Arc::new(models.finish()), Arc::new(errors.finish())]
}

fn model(model: &ModelRef) -> [&str; 3] {
    [&model.name, &model.version, &model.content_hash]
}

fn error(failure: &Failure) -> [&str; 3] {
    [&failure.code, &failure.reason, &failure.message]
}

fn add_texts(builder: &mut StructBuilder, values: Option<[&str; 3]>) {
    for at in 0..3 {
        text(builder, at, values.map(|values| values[at]));
    }
    builder.append(values.is_some());
}

fn rows(builder: &mut StructBuilder, response: &ClassifyResponse) {
    for country in &response.countries {
        for row in &country.stances {
            self::row(builder, country, row);
        }
    }
}

fn row(builder: &mut StructBuilder, country: &CountryStances, row: &StanceRow) {
    let holder = country.party.as_ref();
    let (target_code, target) = match row.target.as_ref().and_then(|target| target.kind.as_ref()) {
        Some(target::Kind::Party(party)) => (code(party), Some(party.display_name.as_str())),
        Some(target::Kind::Issue(issue)) => (None, Some(issue.as_str())),
        None => (None, None),
    };
    let scores = row.scores.unwrap_or_default();
    let first = row.evidence.first();
    let stance = name(Stance::try_from(row.stance).unwrap_or_default().as_str_name(), "STANCE_");
    let voice = name(Voice::try_from(row.voice).unwrap_or_default().as_str_name(), "VOICE_");
    let modality = name(Modality::try_from(row.modality).unwrap_or_default().as_str_name(), "MODALITY_");
    let texts = [
        (0, holder.and_then(code)),
        (1, holder.map(|holder| holder.display_name.as_str())),
        (3, target_code),
        (4, target),
        (2, Some(stance.as_str())),
        (9, Some(voice.as_str())),
        (10, Some(modality.as_str())),
        (11, Some(row.speaker.as_str())),
        (12, first.map(|first| first.text.as_str())),
    ];
    for (at, value) in texts {
        text(builder, at, value);
    }
    for (at, value) in [(5, row.confidence), (6, scores.aligned), (7, scores.neutral), (8, scores.opposed)] {
        column::<Float64Builder>(builder, at).append_value(value);
    }
    for (at, offset) in [(13, first.map(|first| first.start_offset)), (14, first.map(|first| first.end_offset))] {
        column::<Int32Builder>(builder, at).append_option(offset.and_then(|offset| i32::try_from(offset).ok()));
    }
    builder.append(true);
}

fn code(party: &Party) -> Option<&str> {
    party.id.as_ref().map(|id| match id {
        party::Id::RegionCode(code) | party::Id::BlocCode(code) => code.as_str(),
    })
}

/// The name of a value of the contract, without its prefix and in lower case: "aligned".
fn name(value: &str, prefix: &str) -> String {
    value.strip_prefix(prefix).unwrap_or(value).to_lowercase()
}

fn text(builder: &mut StructBuilder, at: usize, value: Option<&str>) {
    column::<StringBuilder>(builder, at).append_option(value);
}

/// The builder of a column, which is of the type that its field says.
fn column<B: ArrayBuilder>(builder: &mut StructBuilder, at: usize) -> &mut B {
    builder.field_builder(at).expect("the builders are made of the same fields")
}
