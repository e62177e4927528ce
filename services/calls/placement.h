// Which of several like devices each model is on, so that no device works while others wait. Models
// with the most work are placed first, each on the device that has the least (longest processing
// time first, Graham 1969: the busiest device gets at most 4/3 - 1/(3 devices) of what is best);
// one with more than a device's share of all work is on several, if all models fit. Work is what
// calls took lately. Where no work is known, models are spread by number.
//
// A place is kept until others would be clearly better, as a model that moves has to be loaded:
// looked at every kLook. Moving is no more than that the next calls go elsewhere. A pure decision
// on the times it is given. After the load balancing of Huang et al., arXiv:2303.06182.
//
// Owner: a DeviceGroup. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moerge {

class Placement {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  struct Rules {
    int devices = 1;
    int slots = 1;            // models loaded at once, of each
    std::int64_t memory = 0;  // bytes, of each; 0: not bounded
    bool operator==(const Rules&) const = default;
  };

  static constexpr std::chrono::seconds kLook{30};
  // Others are clearly better where the busiest device has so many times what it could have, and
  // a little more while few calls say so; and where one call is under way there on average.
  static constexpr double kClearly = 1.05;

  explicit Placement(const Rules& rules) : rules_(rules) {}

  // Fewer or more devices: all models are placed again.
  void SetRules(const Rules& rules);

  // The device of a call of the model that comes now; it is there until End. `usable`, by device:
  // whether the model can be loaded there at present; where it can nowhere, all are.
  int Begin(std::string_view model, std::int64_t bytes, const std::vector<bool>& usable, Time now);
  // `seconds` that the call took of the device; 0: none.
  void End(std::string_view model, int device, double seconds, Time now);

  // The devices that the model is on; empty: it has not been asked for.
  std::vector<int> DevicesOf(std::string_view model) const;

  struct Item {
    double work = 0;
    std::int64_t bytes = 0;
  };
  using Places = std::vector<std::vector<int>>;  // of each item its devices
  static Places Spread(std::span<const Item> items, const Rules& rules);
  // The work of the device that has the most; that of an item on several is shared equally.
  static double Busiest(std::span<const Item> items, const Places& places, int devices);

 private:
  // A sum of what came of late: each counts half after kHalfLife.
  struct Recent {
    double sum = 0;
    Time when{};
    double At(Time now) const;
    void Add(double more, Time now);
  };
  struct Model {
    std::int64_t bytes = 0;
    Recent came;    // calls
    Recent ended;   // that took some time
    Recent worked;  // seconds, of those
    std::vector<int> devices;
    std::vector<int> running;  // by device
  };
  static constexpr std::chrono::seconds kHalfLife{300};

  static double WorkOf(const Model& model, Time now);
  Model& ModelOf(std::string_view name, std::int64_t bytes);
  int FewestModels() const;
  void Look(Time now);
  bool ClearlyBetter(double busiest, double best, double calls) const;
  Places KeepingWhatIsThere(const std::vector<Item>& items, const Places& there,
                            Places wanted) const;

  Rules rules_;
  std::map<std::string, Model, std::less<>> models_;
  Time next_look_{};
};

}  // namespace moerge
