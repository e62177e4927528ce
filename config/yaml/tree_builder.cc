#include "config/yaml/tree_builder.h"

#include <utility>

#include "config/yaml/parse.h"

namespace moerge {

const YamlMember* YamlNode::Find(std::string_view key) const {
  for (const YamlMember& member : members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

YamlMark ToMark(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) { start_ = ToMark(mark); }

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  auto node = std::make_shared<YamlNode>();
  node->at = ToMark(mark);
  Add(std::move(node), anchor);
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) {
    throw Stop{ToMark(mark), "an alias must not stand inside of what it refers to"};
  }
  Add(found->second, YAML::NullAnchor);
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
  CheckTag(mark, tag);
  if (value.find(kEndOfText) != value.npos) {
    throw Stop{ToMark(mark), "the quote that begins here is never closed"};
  }
  auto node = std::make_shared<YamlNode>();
  node->kind = YamlNode::Kind::kScalar;
  node->at = ToMark(mark);
  node->text = value;
  Add(std::move(node), anchor);
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  Open(YamlNode::Kind::kList, mark, tag, anchor);
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
  Open(YamlNode::Kind::kMap, mark, tag, anchor);
}

void TreeBuilder::Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor) {
  CheckTag(mark, tag);
  if (open_.size() >= kMaxYamlDepth) {
    throw Stop{ToMark(mark), "nested deeper than " + std::to_string(kMaxYamlDepth) + " levels"};
  }
  auto node = std::make_shared<YamlNode>();
  node->kind = kind;
  node->at = ToMark(mark);
  open_.push_back(Frame{std::move(node), anchor, {}, nullptr, {}});
}

void TreeBuilder::Close() {
  Frame frame = std::move(open_.back());
  open_.pop_back();
  for (const YamlPtr& source : frame.merges) Merge(frame, source);
  Add(std::move(frame.node), frame.anchor);
}

void TreeBuilder::Add(YamlPtr node, YAML::anchor_t anchor) {
  if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
  if (open_.empty()) {
    root_ = std::move(node);
    return;
  }
  Frame& frame = open_.back();
  frame.node->weight += node->weight;
  if (frame.node->weight > kMaxYamlNodes) {
    throw Stop{node->at, "more than " + std::to_string(kMaxYamlNodes) +
                             " values, those that aliases repeat included"};
  }
  if (frame.node->is_list()) {
    frame.node->items.push_back(std::move(node));
  } else {
    AddToMap(frame, node);
  }
}

void TreeBuilder::AddToMap(Frame& frame, const YamlPtr& node) {
  if (frame.key == nullptr) {
    frame.key = node;
    return;
  }
  if (!frame.key->is_scalar()) {
    mistakes_.Add(frame.key->at, Path(), "a key must be a word, not " + Shown(*frame.key));
  } else if (frame.key->text == "<<") {
    frame.merges.push_back(node);
  } else {
    AddMember(frame, *frame.key, node);
  }
  frame.key = nullptr;
}

void TreeBuilder::AddMember(Frame& frame, const YamlNode& key, const YamlPtr& value) {
  const auto [first, added] = frame.keys.emplace(key.text, key.at);
  if (added) {
    frame.node->members.push_back({key.text, key.at, value});
  } else {
    mistakes_.Add(key.at, Path(),
                  "the key " + Shown(key) + " is here for the second time; the first is in line " +
                      std::to_string(first->second.line));
  }
}

// `<<: *base`: the keys of the other map, where this one does not have its own.
void TreeBuilder::Merge(Frame& frame, const YamlPtr& source) {
  if (source->is_list()) {
    for (const YamlPtr& item : source->items) {
      if (item->is_map()) Merge(frame, item);
    }
  } else if (source->is_map()) {
    for (const YamlMember& member : source->members) {
      if (frame.keys.emplace(member.key, member.at).second) frame.node->members.push_back(member);
    }
  } else {
    mistakes_.Add(source->at, Path(), "`<<` merges a map or a list of maps, not " + Shown(*source));
  }
}

std::string TreeBuilder::Path() const {
  std::string path;
  for (const Frame& frame : open_) {
    if (frame.node->is_list()) {
      path += "[" + std::to_string(frame.node->items.size()) + "]";
    } else if (frame.key != nullptr && frame.key->is_scalar()) {
      path += (path.empty() ? "" : ".") + frame.key->text;
    }
  }
  return path;
}

void TreeBuilder::CheckTag(const YAML::Mark& mark, const std::string& tag) {
  const bool standard =
      tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:");
  if (!standard) mistakes_.Add(ToMark(mark), Path(), "YAML tags such as !this mean nothing here");
}

}  // namespace moerge
