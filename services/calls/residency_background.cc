// Which model is loaded next for background calls alone.
#include <algorithm>

#include "services/calls/residency_plan.h"

namespace moerge {

// Calls with an order are one piece of work, as good as the best of its models: whatever the first
// of them answer, those that are asked after them are loaded later.
ResidencyPlan::Model* ResidencyPlan::BestInBackground(Time now,
                                                      const std::vector<Model*>& left_out) const {
  Model* best = nullptr;   // without a place
  Model* first = nullptr;  // by place
  double best_urgency = 0;
  double order_urgency = 0;
  for (const auto& model : models_) {
    if (model->state != State::kOut || model->queues[1].size() == 0) continue;
    if (std::ranges::find(left_out, model.get()) != left_out.end()) continue;
    const double urgency = Urgency(*model, now);
    if (model->place != ServingOrder::kNoPlace) {
      if (first == nullptr || ComesBefore(*model, *first)) first = model.get();
      order_urgency = std::max(order_urgency, urgency);
    } else if (best == nullptr || urgency > best_urgency) {
      best = model.get();
      best_urgency = urgency;
    }
  }
  return first == nullptr || best_urgency > order_urgency ? best : first;
}

// In their order; one whose turn is over waits until all others have had theirs, so that calls
// which come late for it gather.
bool ResidencyPlan::ComesBefore(const Model& a, const Model& b) const {
  const bool a_over = a.place <= last_place_;
  const bool b_over = b.place <= last_place_;
  return a_over != b_over ? b_over : a.place < b.place;
}

}  // namespace moerge
