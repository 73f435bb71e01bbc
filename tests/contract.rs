//! The contract as it was agreed: golden files of the descriptor and of sample answers.
//!
//! A difference is a change of the contract, which callers must be able to live with. If it is meant:
//!
//! ```sh
//! DEMARCHE_RENEW_GOLDEN=1 cargo test --release --test contract
//! ```

#[path = "support/pipeline.rs"]
mod pipeline;

use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use demarche::proto::{Article, ClassifyRequest, DESCRIPTOR, OffsetEncoding, Party, party::Id};
use demarche::server::{Failure, answer};
use prost::Message;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorSet, ServiceDescriptorProto,
};
use serde_json::Value;

const TEXT: &str = "“China condemns the sanctions,” its foreign ministry said. Côte d’Ivoire said it remained neutral in the dispute \
                    between China and the United States. Japan may impose sanctions on Belarus.";

/// Compares with a golden file after `masked`, or writes it anew.
fn golden(file: &str, content: &str, masked: impl Fn(&str) -> String) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden").join(file);
    if std::env::var_os("DEMARCHE_RENEW_GOLDEN").is_some() {
        fs::write(&path, content).expect("the golden file can be written");
    }
    let want = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        masked(content) == masked(&want),
        "tests/data/golden/{file} differs from what is now:\n{content}\n\
         If that is meant: DEMARCHE_RENEW_GOLDEN=1 cargo test --release --test contract"
    );
}

#[test]
fn services_messages_and_numbers() {
    let set = FileDescriptorSet::decode(DESCRIPTOR).expect("a descriptor set");
    let mut listing = String::new();
    for file in set.file.iter().filter(|file| file.package() == "demarche.v1") {
        file.service.iter().for_each(|service| list_service(&mut listing, service));
        file.enum_type.iter().for_each(|one| list_enum(&mut listing, one));
        file.message_type.iter().for_each(|message| list_message(&mut listing, message));
    }
    golden("descriptor.txt", &listing, str::to_owned);
}

fn list_service(out: &mut String, service: &ServiceDescriptorProto) {
    writeln!(out, "service {}", service.name()).expect("a string");
    for method in &service.method {
        let stream = |is: bool| if is { "stream " } else { "" };
        let (from, to) = (stream(method.client_streaming()), stream(method.server_streaming()));
        let (input, output) = (method.input_type(), method.output_type());
        writeln!(out, "  {}({from}{input}) -> {to}{output}", method.name()).expect("a string");
    }
}

fn list_enum(out: &mut String, one: &EnumDescriptorProto) {
    writeln!(out, "enum {}", one.name()).expect("a string");
    for value in &one.value {
        writeln!(out, "  {} {}", value.number(), value.name()).expect("a string");
    }
}

fn list_message(out: &mut String, message: &DescriptorProto) {
    if message.options.as_ref().is_some_and(prost_types::MessageOptions::map_entry) {
        return;
    }
    writeln!(out, "message {}", message.name()).expect("a string");
    for field in &message.field {
        writeln!(out, "  {} {}: {}", field.number(), field.name(), type_of(message, field)).expect("a string");
    }
    message.nested_type.iter().for_each(|nested| list_message(out, nested));
}

fn type_of(message: &DescriptorProto, field: &FieldDescriptorProto) -> String {
    let entry = message.nested_type.iter().find(|nested| field.type_name().ends_with(&format!(".{}", nested.name())));
    if let Some(entry) = entry {
        let of = |index: usize| type_of(entry, &entry.field[index]);
        return format!("map<{}, {}>", of(0), of(1));
    }
    let name = match field.r#type() {
        Type::Message | Type::Enum => field.type_name().to_owned(),
        scalar => format!("{scalar:?}").to_lowercase(),
    };
    let repeated = if field.label() == Label::Repeated { "repeated " } else { "" };
    let optional = if field.proto3_optional() { "optional " } else { "" };
    let within = field.oneof_index.filter(|_| !field.proto3_optional()).and_then(|index| {
        let oneof = message.oneof_decl.get(usize::try_from(index).ok()?)?;
        Some(format!(" in oneof {}", oneof.name()))
    });
    format!("{repeated}{optional}{name}{}", within.unwrap_or_default())
}

#[test]
fn answers_and_errors_as_json() {
    let region = |code: &str| Party { id: Some(Id::RegionCode(code.to_owned())), ..Party::default() };
    let article = Article { text: TEXT.to_owned(), publish_date: "2024-03-12".to_owned(), ..Article::default() };
    let plain = ClassifyRequest { article: Some(article), ..ClassifyRequest::default() };
    let explained = ClassifyRequest {
        explain: true,
        include_uncounted: true,
        offset_encoding: OffsetEncoding::Utf16.into(),
        holders: vec![region("JP")],
        ..plain.clone()
    };
    let bad = ClassifyRequest { article: None, holders: vec![region("QQ")], min_confidence: 2.0, ..plain.clone() };
    for (file, request) in [("answer.json", plain), ("explained.json", explained), ("error.json", bad)] {
        let answered = answer(pipeline::classifier(), &request, &|| false);
        let json = match answered {
            Ok(response) => serde_json::to_string_pretty(&response),
            Err(error) => serde_json::to_string_pretty(&Failure::from(&error)),
        };
        golden(file, &(json.expect("JSON") + "\n"), mask);
    }
}

/// The form alone: figures, hashes and reasons change with every training, and are no part of the contract.
fn mask(json: &str) -> String {
    let mut value = serde_json::from_str(json).unwrap_or(Value::Null);
    mask_value(&mut value);
    format!("{value:#}")
}

fn mask_value(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(mask_value),
        Value::Object(fields) => {
            for (name, value) in fields {
                match name.as_str() {
                    "version" | "contentHash" | "term" => *value = "masked".into(),
                    "aligned" | "neutral" | "opposed" | "confidence" | "logit" | "intercept" | "contribution" => {
                        assert!(value.is_number(), "{name} is {value}");
                        *value = 0.into();
                    }
                    "topTerms" => {
                        value.as_array_mut().expect("a list").truncate(1);
                        mask_value(value);
                    }
                    _ => mask_value(value),
                }
            }
        }
        _ => {}
    }
}
