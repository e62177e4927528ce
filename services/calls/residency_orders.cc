// Models that are loaded and unloaded on the plan's order.
#include <algorithm>

#include "services/calls/residency_swap.h"

namespace moerge {

void ResidencyPlan::Measured(std::string_view name, std::int64_t bytes) {
  if (Model* model = Find(name)) model->measured = bytes;
}

// Its back-off is forgotten once it has been loaded for as long as the longest (Lost).
std::optional<ResidencyPlan::LoadTaken> ResidencyPlan::Loaded(std::string_view name, Time now) {
  Model* const model = Find(name);
  if (model == nullptr || !model->ordered) return std::nullopt;
  const LoadTaken taken{model->tier, now - model->since};
  Measure(taken.time, &model->load_times[model->tier == Tier::kHost]);
  model->ordered = false;
  Become(model, State::kLoaded, now);
  model->batch_done = {};
  return taken;
}

void ResidencyPlan::LoadFailed(std::string_view name, Time now) {
  Model* const model = Find(name);
  if (model == nullptr || !model->ordered) return;
  ++model->failed_loads;
  model->ordered = false;
  model->tier = Tier::kDisk;  // for all that is known
  LeaveAlone(model, now);
}

void ResidencyPlan::Retire(std::string_view name) {
  if (Model* model = Find(name)) model->retired = true;
}

void ResidencyPlan::NotDropped(std::string_view name) {
  Model* const model = Find(name);
  if (model != nullptr && !model->resident()) model->tier = Tier::kHost;
}

void ResidencyPlan::NotUnloaded(std::string_view name, Time now) { Found(name, now); }

void ResidencyPlan::Lost(std::string_view name, Time now) {
  Model* const model = Find(name);
  if (model == nullptr || model->state != State::kLoaded) return;
  ++model->deaths;
  if (now - model->since >= kLongestBackOff) model->back_off = {};
  LeaveAlone(model, now);
}

void ResidencyPlan::Found(std::string_view name, Time now) {
  Model* const model = Find(name);
  if (model == nullptr || model->state != State::kOut) return;
  Become(model, State::kLoaded, now);
  model->batch_done = {};
}

void ResidencyPlan::Gone(std::string_view name, Time now) {
  Model* const model = Find(name);
  if (model == nullptr || model->state != State::kLoaded || !model->idle()) return;
  PutOut(model, now);
  model->tier = TierUnseen(*model);
}

// More is loaded than there is room for where a model takes more than was declared, or was found
// loaded, or the room has become less.
void ResidencyPlan::EvictWhatIsTooMuch(Time now) {
  auto [slots, bytes] = InUse();
  std::vector<Model*> leaving;
  for (Model* model : ByWorth(now)) {
    const bool fits =
        slots <= rules_.slots && (rules_.memory == 0 || bytes <= rules_.memory || slots <= 1);
    if ((fits && !model->retired) || !model->idle() || model->waiting() > 0) continue;
    --slots;
    bytes -= model->bytes();
    leaving.push_back(model);
  }
  if (leaving.empty()) return;
  Order order;
  SendAway(std::move(leaving), nullptr, now, &order);
  orders_.push_back(std::move(order));
}

// What having the model loaded spares: its load's time, as often as it is asked for.
double ResidencyPlan::Worth(const Model& model, Time now) const {
  return Rate(model, now) * std::chrono::duration<double>(LoadTime(model)).count();
}

// Null: none is, or something waits for a load, which comes first.
ResidencyPlan::Model* ResidencyPlan::LikelyNext(Time now) {
  constexpr double kOnceInAWhile = 0.001;                        // calls a second
  constexpr Duration kNoticed = std::chrono::milliseconds(500);  // shorter loads need not be spared
  Model* likely = nullptr;
  for (const auto& model : models_) {
    if (model->ordered || (!model->resident() && model->waiting() > 0)) return nullptr;
    if (model->state != State::kOut || Rate(*model, now) < kOnceInAWhile) continue;
    if (LoadTime(*model) < kNoticed || model->retired) continue;
    if (likely == nullptr || Worth(*model, now) > Worth(*likely, now)) likely = model.get();
  }
  return likely;
}

// In place of others only where it is worth twice as much as all that leaves: rates are guesses.
void ResidencyPlan::Prefetch(Time now) {
  constexpr double kClearly = 2;
  Model* const wanted = LikelyNext(now);
  if (wanted == nullptr) return;
  Plan plan;
  plan.cause = Cause::kPrefetch;
  int slots = 0;
  std::int64_t bytes = 0;
  double lost = 0;
  const std::vector<Model*> order = ByWorth(now);
  auto next = order.begin();
  while (!Fits(*wanted, slots, bytes)) {
    next = std::find_if(next, order.end(),
                        [](const Model* model) { return model->idle() && model->waiting() == 0; });
    if (next == order.end()) return;
    lost += Worth(**next, now);
    if (Worth(*wanted, now) < kClearly * lost) return;
    plan.evicted.push_back(*next);
    ++slots;
    bytes += (*next)->bytes();
    ++next;
  }
  Load(wanted, plan, now);
}

}  // namespace moerge
