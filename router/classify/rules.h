// `rules`: what the operator knows, as keywords and regular expressions per skill (rule_table.h) in
// the policy's options: `rules.SKILL: "molar mass, stoichiometry, /\bmol\b/i"`. They are held
// against the last user turn.
//
// `rules.mode`
//   first  a match decides: its skill comes first; where none matches, `lexical` decides
//   prior  a match is a possibility that multiplies what `lexical` says: it raises the odds of its
//          skill by exp(`rules.weight`) while few labelled prompts have it, and by less the more
//          there are, since `lexical` has learnt by then what it is worth. So a right rule helps
//          from the first prompt on, and a wrong one is overridden
//
// How often a keyword is right is counted on the labelled prompts, drawn toward nine in ten as if
// by ten prompts; that is the probability of its skill in mode `first`. An expression cannot be
// counted: the prompts themselves are not kept.
//
// The table from words to skills after dos Santos et al. 2023, "Memory Augmented Language Models
// through Mixture of Word Experts"; rules as possibilities after Souza et al. 2022, "Contextual
// Mixture of Experts: Integrating Knowledge into Predictive Modeling". Immutable; any thread may
// classify.
#pragma once

#include "router/classify/catalogue.h"

namespace moerge {

ClassifierPtr TrainRules(const ClassifierTask& task);
// `skills`: those that there are; null: not known here.
Status CheckRules(const ClassifierOptions& options, const std::vector<std::string>* skills);

}  // namespace moerge
