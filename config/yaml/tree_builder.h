// Turns the events of yaml-cpp's parser into nodes. One per document; not thread-safe.
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "config/yaml/mistakes.h"
#include "config/yaml/node.h"

namespace moerge {

YamlMark ToMark(const YAML::Mark& mark);

class TreeBuilder : public YAML::EventHandler {
 public:
  // Thrown through yaml-cpp where going on is pointless.
  struct Stop {
    YamlMark at;
    std::string message;
  };

  explicit TreeBuilder(Mistakes* mistakes) : mistakes_(*mistakes) {}

  // Stands in a comment behind the text: in a scalar only if a quote before it is never closed,
  // which yaml-cpp does not mind.
  static constexpr char kEndOfText = '\x02';

  // Null: the document was empty. REQUIRES: the parser is through with the document.
  const YamlPtr& root() const { return root_; }
  YamlMark start() const { return start_; }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { Close(); }

 private:
  // A container that is not complete yet.
  struct Frame {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor;
    std::unordered_map<std::string, YamlMark> keys;
    YamlPtr key;  // of the member whose value comes next
    std::vector<YamlPtr> merges;
  };

  void Open(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor);
  void Close();
  void Add(YamlPtr node, YAML::anchor_t anchor);
  void AddToMap(Frame& frame, const YamlPtr& node);
  void AddMember(Frame& frame, const YamlNode& key, const YamlPtr& value);
  void Merge(Frame& frame, const YamlPtr& source);
  // Of what comes next, for example "experts[2].price".
  std::string Path() const;
  void CheckTag(const YAML::Mark& mark, const std::string& tag);

  Mistakes& mistakes_;
  YamlPtr root_;
  YamlMark start_;
  std::vector<Frame> open_;
  std::unordered_map<YAML::anchor_t, YamlPtr> anchors_;
};

}  // namespace moerge
