#include "services/calls/placement.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace moerge {
namespace {

// What devices have taken while items are spread.
class Room {
 public:
  explicit Room(const Placement::Rules& rules)
      : rules_(rules),
        work_(static_cast<std::size_t>(rules.devices), 0),
        models_(work_.size(), 0),
        bytes_(work_.size(), 0) {}

  bool Fits(std::size_t device, std::int64_t bytes) const {
    return models_[device] < rules_.slots &&
           (rules_.memory == 0 || bytes_[device] + bytes <= rules_.memory);
  }
  // One that has room, if any has; then the one with the least work, then the fewest models.
  std::size_t Best(std::int64_t bytes, const std::vector<int>& but) const {
    std::size_t best = work_.size();
    const auto worse = [&](std::size_t a, std::size_t b) {
      if (Fits(a, bytes) != Fits(b, bytes)) return !Fits(a, bytes);
      return work_[a] != work_[b] ? work_[a] > work_[b] : models_[a] > models_[b];
    };
    for (std::size_t device = 0; device < work_.size(); ++device) {
      if (std::ranges::find(but, static_cast<int>(device)) != but.end()) continue;
      if (best == work_.size() || worse(best, device)) best = device;
    }
    return best;
  }
  void Take(std::size_t device, double work, std::int64_t bytes) {
    work_[device] += work;
    ++models_[device];
    bytes_[device] += bytes;
  }

 private:
  const Placement::Rules& rules_;
  std::vector<double> work_;
  std::vector<int> models_;
  std::vector<std::int64_t> bytes_;
};

// On how many devices each item is to be: more than one only where all of them fit.
std::vector<int> PartsOf(std::span<const Placement::Item> items, const Placement::Rules& rules) {
  std::vector<int> parts(items.size(), 1);
  double work = 0;
  std::int64_t bytes = 0;
  for (const Placement::Item& item : items) {
    work += item.work;
    bytes += item.bytes;
  }
  std::int64_t slots_left =
      std::int64_t{rules.devices} * rules.slots - static_cast<std::int64_t>(items.size());
  std::int64_t bytes_left = rules.devices * rules.memory - bytes;
  const double share = work / rules.devices;
  for (std::size_t i = 0; i < items.size() && share > 0; ++i) {
    const int wanted = static_cast<int>(std::ceil(items[i].work / share - 1e-9));
    while (parts[i] < std::min(wanted, rules.devices) && slots_left > 0 &&
           (rules.memory == 0 || bytes_left >= items[i].bytes)) {
      ++parts[i];
      --slots_left;
      bytes_left -= items[i].bytes;
    }
  }
  return parts;
}

}  // namespace

Placement::Places Placement::Spread(std::span<const Item> items, const Rules& rules) {
  const std::vector<int> parts = PartsOf(items, rules);
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), 0);
  const auto part = [&](std::size_t i) { return items[i].work / parts[i]; };
  std::ranges::stable_sort(order, std::greater<>(), part);
  Places places(items.size());
  Room room(rules);
  for (const std::size_t i : order) {
    for (int k = 0; k < parts[i]; ++k) {
      const std::size_t device = room.Best(items[i].bytes, places[i]);
      room.Take(device, part(i), items[i].bytes);
      places[i].push_back(static_cast<int>(device));
    }
  }
  return places;
}

double Placement::Busiest(std::span<const Item> items, const Places& places, int devices) {
  std::vector<double> work(static_cast<std::size_t>(devices), 0);
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (const int device : places[i]) {
      work[static_cast<std::size_t>(device)] +=
          items[i].work / static_cast<double>(places[i].size());
    }
  }
  return *std::ranges::max_element(work);
}

void Placement::SetRules(const Rules& rules) {
  if (rules == rules_) return;
  if (rules.devices != rules_.devices) models_.clear();
  rules_ = rules;
}

double Placement::Recent::At(Time now) const {
  const double age = std::chrono::duration<double>(now - when) / kHalfLife;
  return sum * std::exp2(-std::max(age, 0.0));
}

void Placement::Recent::Add(double more, Time now) {
  sum = At(now) + more;
  when = now;
}

// Of the calls that came, each at what those that ended took.
double Placement::WorkOf(const Model& model, Time now) {
  const double ended = model.ended.At(now);
  return ended <= 0 ? 0 : model.came.At(now) * model.worked.At(now) / ended;
}

int Placement::FewestModels() const {
  std::vector<int> count(static_cast<std::size_t>(rules_.devices), 0);
  for (const auto& [name, model] : models_) {
    for (const int device : model.devices) ++count[static_cast<std::size_t>(device)];
  }
  return static_cast<int>(std::ranges::min_element(count) - count.begin());
}

Placement::Model& Placement::ModelOf(std::string_view name, std::int64_t bytes) {
  auto found = models_.find(name);
  if (found == models_.end()) {
    const int device = FewestModels();
    found = models_.emplace(name, Model{}).first;
    found->second.devices = {device};
    found->second.running.assign(static_cast<std::size_t>(rules_.devices), 0);
  }
  found->second.bytes = bytes;
  return found->second;
}

int Placement::Begin(std::string_view name, std::int64_t bytes, const std::vector<bool>& usable,
                     Time now) {
  Look(now);
  Model& model = ModelOf(name, bytes);
  const auto running = [&](int device) { return model.running[static_cast<std::size_t>(device)]; };
  const auto able = [&](int device) { return usable[static_cast<std::size_t>(device)]; };
  int best = -1;
  for (const int device : model.devices) {
    if (able(device) && (best < 0 || running(device) < running(best))) best = device;
  }
  for (int device = 0; best < 0 && device < rules_.devices; ++device) {
    if (able(device)) best = device;
  }
  if (best < 0) best = model.devices.front();
  ++model.running[static_cast<std::size_t>(best)];
  model.came.Add(1, now);
  return best;
}

void Placement::End(std::string_view name, int device, double seconds, Time now) {
  const auto found = models_.find(name);
  if (found == models_.end()) return;
  Model& model = found->second;
  if (static_cast<std::size_t>(device) >= model.running.size()) return;
  int& running = model.running[static_cast<std::size_t>(device)];
  running = std::max(running - 1, 0);
  if (seconds <= 0) return;
  model.ended.Add(1, now);
  model.worked.Add(seconds, now);
}

std::vector<int> Placement::DevicesOf(std::string_view name) const {
  const auto found = models_.find(name);
  return found == models_.end() ? std::vector<int>() : found->second.devices;
}

void Placement::Look(Time now) {
  if (rules_.devices == 1 || now < next_look_) return;
  next_look_ = now + kLook;
  constexpr double kSomeWork = 0.01;  // seconds
  std::vector<Model*> models;
  std::vector<Item> items;
  Places there;
  double calls = 0;
  for (auto& [name, model] : models_) {
    const double work = WorkOf(model, now);
    if (work < kSomeWork) continue;
    calls += model.came.At(now);
    models.push_back(&model);
    items.push_back({work, model.bytes});
    there.push_back(model.devices);
  }
  if (items.empty()) return;
  const Places wanted = KeepingWhatIsThere(items, there, Spread(items, rules_));
  const double best = Busiest(items, wanted, rules_.devices);
  if (!ClearlyBetter(Busiest(items, there, rules_.devices), best, calls)) return;
  for (std::size_t i = 0; i < models.size(); ++i) models[i]->devices = wanted[i];
}

bool Placement::ClearlyBetter(double busiest, double best, double calls) const {
  constexpr double kNoise = 2;  // standard deviations of a count
  // Of a steady rate of work, what is left of all of it.
  const double one = std::chrono::duration<double>(kHalfLife).count() / std::log(2.0);
  const double of_busiest = std::max(calls / rules_.devices, 1.0);
  return busiest >= one && busiest >= (kClearly + kNoise / std::sqrt(of_busiest)) * best;
}

// Devices are alike, so that the groups may change names: those that have most in common with what
// is on a device stay there.
Placement::Places Placement::KeepingWhatIsThere(const std::vector<Item>& items, const Places& there,
                                                Places wanted) const {
  const auto devices = static_cast<std::size_t>(rules_.devices);
  std::vector<double> common(devices * devices, 0);  // by group, then device
  for (std::size_t i = 0; i < items.size(); ++i) {
    for (const int group : wanted[i]) {
      for (const int device : there[i]) {
        common[static_cast<std::size_t>(group) * devices + static_cast<std::size_t>(device)] +=
            items[i].work;
      }
    }
  }
  std::vector<int> name(devices, -1);
  std::vector<bool> taken(devices, false);
  for (std::size_t round = 0; round < devices; ++round) {
    double most = -1;
    std::size_t best = 0;
    for (std::size_t pair = 0; pair < common.size(); ++pair) {
      if (name[pair / devices] >= 0 || taken[pair % devices] || common[pair] <= most) continue;
      most = common[pair];
      best = pair;
    }
    name[best / devices] = static_cast<int>(best % devices);
    taken[best % devices] = true;
  }
  for (std::vector<int>& places : wanted) {
    for (int& place : places) place = name[static_cast<std::size_t>(place)];
  }
  return wanted;
}

}  // namespace moerge
