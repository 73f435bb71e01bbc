//! What is sent, and what the no-op answers: the articles, each with the answer that the pipeline gives.

use std::sync::Arc;

use demarche::classify::Classifier;
use demarche::model::Model;
use demarche::party::Registry;
use demarche::proto::{Article, ClassifyRequest, ClassifyResponse};
use demarche::server::answer;

use crate::articles;

/// A request and its answer.
#[derive(Debug)]
pub(crate) struct Payload {
    pub(crate) request: ClassifyRequest,
    pub(crate) answer: ClassifyResponse,
}

/// Of every article of the named file, or else of the corpus, that the service answers: it refuses other languages.
pub(crate) fn payloads() -> Vec<Payload> {
    let registry = Registry::embedded().expect("the embedded parties");
    let model = Model::embedded().expect("the embedded model");
    let classifier = Classifier::new(Arc::new(registry), Arc::new(model));
    let articles = articles::named().unwrap_or_else(articles::invented).into_iter();
    let requests = articles.map(|article| ClassifyRequest {
        article: Some(Article {
            title: article.title,
            text: article.text,
            publish_date: article.date,
            ..Article::default()
        }),
        ..ClassifyRequest::default()
    });
    let answered = requests.filter_map(|request| Some((answer(&classifier, &request, &|| false).ok()?, request)));
    let payloads: Vec<Payload> = answered.map(|(answer, request)| Payload { request, answer }).collect();
    assert!(!payloads.is_empty(), "no article of the file is answered");
    payloads
}
