#include "services/pipeline/aggregators/panel.h"

#include "services/answers/author_prompt.h"
#include "services/pipeline/authors_or_judges.h"
#include "services/pipeline/authorship.h"
#include "services/pipeline/conclusion.h"
#include "services/pipeline/judging.h"
#include "services/pipeline/refusals.h"

namespace moerge {
namespace {

void NotePoints(Ensemble& ensemble, std::string_view kind, const std::vector<std::string>& points) {
  for (const std::string& point : points) {
    ensemble.record().NoteOnce(std::string(kind) + ": " + point);
  }
}

class Discussion {
 public:
  explicit Discussion(Ensemble& ensemble) : ensemble_(ensemble) {}

  Task<Result<ChatReply>> Run() {
    if (!co_await ensemble_.Collect(ensemble_.seats().size())) co_return ensemble_.Failure();
    members_ = ensemble_.seats().Replied();
    ensemble_.ballots().NoteWinner(*ensemble_.ballots().Leader());
    if (members_.size() == 1) co_return co_await DeliverChecked(ensemble_, *members_.front());
    const std::vector<const ExpertEntry*> line =
        AuthorsOrJudges(ensemble_, &PolicyValues::author_expert);
    const std::optional<Viewpoints> merged = co_await Merge(line.front());
    co_return co_await Choose(line.front(), merged);
  }

 private:
  Task<std::optional<Viewpoints>> Merge(const ExpertEntry* chair) {
    std::vector<Ensemble::FollowUpCall> follow_ups;
    const std::vector<Quote> quotes = QuotedTexts(ensemble_.round(), members_, chair);
    follow_ups.push_back({.expert = chair,
                          .request = AuthorRequest(ensemble_, PanelInstructions(), quotes, true),
                          .role = "viewpoints"});
    const std::vector<Result<ChatReply>> replies = co_await ensemble_.Send(follow_ups);
    std::optional<Viewpoints> merged;
    if (replies.front()) merged = ViewpointsIn(replies.front()->content);
    if (!merged) {
      ensemble_.record().NoteOnce("the chair `" + chair->spec.name + "` merged nothing: " +
                                  (replies.front()
                                       ? std::string("its reply is not the JSON asked for")
                                       : replies.front().error().message));
      co_return merged;
    }
    NotePoints(ensemble_, "agreed", merged->agreed);
    NotePoints(ensemble_, "conflicting", merged->conflicting);
    NotePoints(ensemble_, "isolated", merged->isolated);
    co_return merged;
  }

  Task<Result<ChatReply>> Choose(const ExpertEntry* chair,
                                 const std::optional<Viewpoints>& merged) {
    std::vector<std::string> texts;
    std::vector<const ExpertEntry*> authors;
    for (const Member* member : members_) {
      texts.push_back(member->text);
      authors.push_back(member->expert);
    }
    if (merged) {
      texts.push_back(merged->answer);
      authors.push_back(chair);
    }
    Judging judging(ensemble_);
    const auto best = co_await judging.Best(texts, authors);
    const std::size_t none = merged ? members_.size() : Place(*ensemble_.ballots().Leader());
    const std::size_t chosen = best.value_or(none);
    if (chosen == members_.size()) {
      ensemble_.record().NoteOnce("given: the merged answer");
      co_return co_await ensemble_.delivery().DeliverText(*chair, merged->answer);
    }
    ensemble_.record().NoteOnce("given: the answer of `" + members_[chosen]->expert->spec.name +
                                "`");
    ensemble_.ballots().NoteWinner(*members_[chosen]);
    co_return co_await DeliverChecked(ensemble_, *members_[chosen]);
  }

  std::size_t Place(const Member& member) const {
    std::size_t place = 0;
    while (members_[place] != &member) ++place;
    return place;
  }

  Ensemble& ensemble_;
  std::vector<Member*> members_;
};

}  // namespace

Status PanelDiscussion::Accepts(const ChatRequest& request) const {
  Status accepted = RefuseForAuthors(request, name());
  if (accepted) accepted = RefuseField(request, name(), "logprobs");
  if (accepted) accepted = RefuseField(request, name(), "response_format");
  if (accepted) accepted = RefuseVerifier(request, "merged answers are not checked");
  return accepted;
}

Task<Result<ChatReply>> PanelDiscussion::Answer(const Round& round) const {
  Ensemble ensemble(round, co_await ThisLoop());
  Discussion discussion(ensemble);
  co_return co_await ensemble.Run(discussion.Run());
}

}  // namespace moerge
