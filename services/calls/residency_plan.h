// Which models of a device are loaded, and which calls may go: calls are grouped by model, so that
// a model that is loaded serves all that wait for it before another takes its place. A pure
// decision on the times it is given: no clock, no I/O; residency.h acts on it.
//
// A call of a loaded model goes at once. A model without room gets that of one that nothing runs on
// and nothing waits for, the one that is missed least: how often it is asked for, times how long a
// load of it takes. Where all are busy, the one that
// is needed least stops taking calls for another's sake (it drains)
//   - once no call waits for it, when those that wait for the other have waited as long, all
//     together, as a swap there and back would make the calls wait that come for it meanwhile (ski
//     rental: at most twice the waiting of whoever knows the future), or the oldest of them has to
//     go to be begun within Rules::max_wait;
//   - while calls wait for it, when the oldest call of the other has waited for max_wait and it has
//     been loaded for max_wait, and for twice as long as it took to serve what waited for it.
// Serving all that waits before a swap is what keeps swaps few: tests/bench/residency.
// Nothing is evicted while a call runs on it. Background calls cause no drain, and evict only what
// no interactive call has used for as long as it takes to load. Models that only they wait for are
// loaded in the order that the calls bring, if they do, else where most work waits for a load.
// Where nothing waits for a model, one that is likely to be asked for is loaded ahead of its calls
// (Rules::prefetch): into free room, or in place of an idle one that is clearly less so.
// A model that leaves its device may sleep in the host's memory, where that has room (Rules::
// host_memory): it is loaded again sooner than from the disk. How long a load takes is measured for
// each of the two, and what is decided goes by the one that the model is in, or would leave for.
// Where the host's memory is full, what is in it stays unless what comes is asked for more often
// times what waking spares; then the one that is missed least goes to the disk. That takes it over
// the device, since a server can drop weights of a model that is awake only.
// Who loads: the server, for the first call that it gets of a model, or whoever carries out the
// orders (Rules::on_order): then no call goes before its model is loaded.
// Sources: collation and look-ahead by known routes, Read-ME (arXiv:2410.19123), ExpertFlow
// (arXiv:2410.17954); one load per expert and batch, Symbolic-MoE (arXiv:2503.05641).
//
// Owner: ModelTurns. Not thread-safe.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "services/calls/call_queue.h"
#include "services/calls/serving_order.h"

namespace moerge {

inline constexpr double kBytesPerGb = 1e9;
inline std::int64_t BytesOfGb(double gb) { return static_cast<std::int64_t>(gb * kBytesPerGb); }

class ResidencyPlan {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;
  using Duration = Clock::duration;
  enum class CallId : std::uint64_t {};

  struct Rules {
    int slots = 1;            // models loaded at once, from 1 on
    std::int64_t memory = 0;  // bytes of all loaded models together; 0: not bounded
    int concurrency = 64;     // calls under way at once, of all models together
    Duration max_wait = std::chrono::seconds(30);
    Duration load_guess = std::chrono::seconds(5);  // how long a load takes, until one was measured
    // Bytes of all models that sleep in the host's memory; 0: not bounded. While two change places
    // there is one more.
    std::int64_t host_memory = 0;
    Duration wake_guess = std::chrono::seconds(1);  // as load_guess, from the host's memory
    bool on_order = false;  // models are loaded and unloaded as TakeOrders says
    bool prefetch = true;   // loads ahead of calls; of models that are loaded on order alone
    bool operator==(const Rules&) const = default;
  };

  struct Arrival {
    std::string_view model;
    std::int64_t bytes = 0;  // that the model takes; 0: unknown, counts as nothing
    bool sleeps = false;     // it can, in the host's memory; of models that are loaded on order
    bool background = false;
    std::uint64_t client = 0;  // clients take turns within a model; 0: unknown
    // Of a background call: where its model stands in the order in which models are loaded for its
    // like (ServingOrder).
    int place = ServingOrder::kNoPlace;
  };

  explicit ResidencyPlan(const Rules& rules) : rules_(rules) {}

  void SetRules(const Rules& rules) { rules_ = rules; }

  // A model that calls may ask for.
  void Learn(std::string_view model, std::int64_t bytes, bool sleeps = false) {
    ModelOf(model, bytes, sleeps).retired = false;
  }
  // A model that none is to ask for any more: it is unloaded whenever it is idle, until it is
  // learnt of again. Calls that come all the same are served. Of models that are loaded on order
  // alone.
  void Retire(std::string_view model);
  // A call waits, until Next gives it.
  CallId Arrive(const Arrival& arrival, Time now);
  // What a model takes as its server says, in place of what arrivals say; 0: it does not.
  void Measured(std::string_view model, std::int64_t bytes);

  // Where a model is. One that is being loaded still is where it comes from.
  enum class Tier { kDisk, kHost, kDevice };

  // Of models that are loaded on order. `unload` and `sleep` come first, then `drop`, for which the
  // device has room then; what is waited for is then Loaded or LoadFailed, and NotUnloaded says of
  // one of the first two that it is still there, NotDropped that one of the third is.
  struct Order {
    std::string load;  // empty: nothing, there was too much
    Tier from = Tier::kDisk;
    std::vector<std::string> unload;  // to the disk
    std::vector<std::string> sleep;   // to the host's memory
    std::vector<std::string> drop;    // from there to the disk
  };
  std::vector<Order> TakeOrders() { return std::exchange(orders_, {}); }
  // Gives how long that took and from where; nothing: it was not ordered.
  struct LoadTaken {
    Tier from = Tier::kDisk;
    Duration time{};
  };
  std::optional<LoadTaken> Loaded(std::string_view model, Time now);
  void LoadFailed(std::string_view model, Time now);
  void NotUnloaded(std::string_view model, Time now);
  void NotDropped(std::string_view model);
  // Its server has ended. It is left alone for a while, twice as long each time it happens soon.
  void Lost(std::string_view model, Time now);
  // What was found loaded without an order, or no longer. What calls run on is left as it is.
  void Found(std::string_view model, Time now);
  void Gone(std::string_view model, Time now);

  // The model of a call that goes has given a sign of life: it is loaded.
  void Ready(CallId call, Time now);
  // How a call ended that went. kFailed of one that began a load: the load has failed, and the
  // model is left alone for a while. kGivenUp: nothing is known of its model; also of a call that
  // waits.
  enum class Ending { kAnswered, kFailed, kGivenUp };
  void End(CallId call, Ending ending, Time now);

  // The calls that go now, in this order. To be asked after any of the above, and at NextLook().
  std::vector<CallId> Next(Time now);
  // When Next may give something although nothing happens; max(): never.
  Time NextLook() const { return look_; }

  // kDraining is shown of a loaded model that makes room; within, it is a flag.
  enum class State { kOut, kLoading, kLoaded, kDraining, kFailed };
  // Why a model was loaded in another's place.
  enum class Cause { kRoom, kIdle, kWaitLimit, kPays, kPrefetch };

  struct ModelView {
    std::string_view model;
    State state = State::kOut;
    Time since{};  // of the state
    Time last_used{};
    int running = 0;
    int waiting = 0;
    std::int64_t bytes = 0;
    std::int64_t loads = 0;
    std::int64_t failed_loads = 0;
    std::int64_t deaths = 0;  // of its server
    Tier tier = Tier::kDisk;
    Duration load_time{};  // usual, from the disk; zero: not measured
    Duration wake_time{};  // the same from the host's memory
  };
  struct Swap {
    std::string loaded;
    std::vector<std::string> evicted;
    Cause cause = Cause::kRoom;
    int waiting = 0;  // calls for it at that time
    Duration oldest{};
    Time when{};
    Tier from = Tier::kDisk;  // where it was before
  };
  // A time that a model spent loading, loaded or left alone.
  struct Spell {
    std::string model;
    State state = State::kLoaded;
    Time begun{};
    Time ended{};  // zero: it goes on
    Swap load;     // of one that was spent loading: what for
  };
  // The last kSpellsKept that have ended in the order of their ends, then those that go on.
  std::vector<Spell> Spells() const;
  // In the order in which they were first asked for.
  std::vector<ModelView> Models() const;
  // Of all models that sleep in the host's memory.
  std::int64_t HostBytes() const;
  std::array<int, 3> InTiers() const;  // models, by tier
  const Swap& last_swap() const { return last_swap_; }
  std::int64_t loads() const { return loads_; }
  std::int64_t swaps() const { return swaps_; }  // loads that evicted something
  bool IsLoading(std::string_view model) const;
  int waiting() const { return waiting_; }
  // How long a call of the model would wait if it came now, roughly: until models that come before
  // have had their turns, its own is loaded and a place is free. `ahead`: as of a call that waits,
  // with so many of its model before it.
  Duration ExpectedWait(std::string_view model, Time now, std::optional<int> ahead = {}) const;
  // What it would wait at the least, as far as loads have been measured.
  Duration LeastWait(std::string_view model, Time now) const;
  // How many calls for its model that came before a call still wait with it.
  int Ahead(CallId call) const;
  // Of a model whose load has failed: until when it is left alone; else a time in the past.
  Time FailedUntil(std::string_view model) const;

  static constexpr Duration kFirstBackOff = std::chrono::seconds(1);
  static constexpr Duration kLongestBackOff = std::chrono::seconds(60);
  static constexpr std::size_t kSpellsKept = 500;

 private:
  struct Model;
  struct Call {
    Model* model = nullptr;
    Time arrived{};
    Time begun{};
    std::uint64_t client = 0;
    bool background = false;
    bool running = false;
    bool began_load = false;
    bool ready = false;
  };
  struct Model {
    std::string name;
    std::int64_t declared = 0;  // bytes
    std::int64_t measured = 0;  // 0: not
    State state = State::kOut;
    bool sleeps = false;      // it can
    Tier tier = Tier::kDisk;  // where it is loaded from; unless it is loaded, where it is
    bool ordered = false;     // its load is, and has not ended
    bool retired = false;
    Time since{};
    Swap load;          // its last
    Time batch_done{};  // when the last call that came before `since` went; zero: some still wait
    bool draining = false;  // takes no more calls, for another's sake
    Cause drain_cause = Cause::kPays;
    Time last_used{};
    Time last_interactive{};             // zero: never
    CallQueue queues[2];                 // interactive, background
    int place = ServingOrder::kNoPlace;  // the first of the background calls that wait
    int running = 0;
    int running_interactive = 0;
    std::int64_t loads = 0;
    std::int64_t failed_loads = 0;
    std::int64_t deaths = 0;
    Duration load_times[2] = {};  // by tier, from the disk and the host; 0: not measured yet
    Duration first_sign{};        // usual time from its begin to a call's first sign
    Duration run_time{};          // usual time of a call
    double rate = 0;              // calls a second, as of rate_time
    Time rate_time{};
    Duration back_off{};
    Time failed_until{};

    int waiting() const { return queues[0].size() + queues[1].size(); }
    bool resident() const { return state == State::kLoading || state == State::kLoaded; }
    bool interactive() const { return running_interactive + queues[0].size() > 0; }
    bool idle() const { return running == 0 && !ordered; }
    std::int64_t bytes() const { return measured > 0 ? measured : declared; }
  };
  struct Plan;      // of one swap
  struct Forecast;  // of waits

  // A new measurement changes the usual one.
  static void Measure(Duration measured, Duration* usual);
  static Spell SpellOf(const Model& model);
  static Tier TierOf(const Model& model);
  Model& ModelOf(std::string_view name, std::int64_t bytes, bool sleeps);
  const Model* Find(std::string_view name) const;
  Model* Find(std::string_view name);
  void Begin(CallId id, Time now, std::vector<CallId>* out);
  void EndBackOffs(Time now);
  void EndNeedlessDrains();
  void EvictWhatIsTooMuch(Time now);
  Tier TierUnseen(const Model& model) const;
  Tier TierAfter(const Model& model) const;
  void SendAway(std::vector<Model*> leaving, const Model* coming, Time now, Order* order);
  bool MakeHostRoom(const Model& leaving, const Model* coming, Time now, Order* order);
  double HostWorth(const Model& model, Time now) const;
  void Become(Model* model, State state, Time now);
  void LeaveAlone(Model* model, Time now);
  void PutOut(Model* model, Time now);
  void Admit(Time now, std::vector<CallId>* out);
  bool Open(const Model& model) const;
  bool LoadSomething(Time now);
  void Prefetch(Time now);
  Model* LikelyNext(Time now);
  double Worth(const Model& model, Time now) const;
  void Load(Model* model, const Plan& plan, Time now);
  double Urgency(const Model& model, Time now) const;
  Model* MostUrgent(Time now, const std::vector<Model*>& left_out) const;
  Model* BestInBackground(Time now, const std::vector<Model*>& left_out) const;
  bool ComesBefore(const Model& a, const Model& b) const;
  std::vector<Model*> ByWorth(Time now) const;
  bool MakeRoom(Model& wanted, Time now, Plan* plan);
  void KeepWhatFits(const Model& wanted, int slots, std::int64_t bytes,
                    std::vector<Model*>* evicted) const;
  void Drain(Model& wanted, const std::vector<Model*>& order, Time now);
  struct Use {
    int slots = 0;
    std::int64_t bytes = 0;
  };
  Use InUse() const;
  bool Fits(const Model& wanted, int freed_slots, std::int64_t freed_bytes) const;
  bool MayEvictIdle(const Model& victim, const Model& wanted, Time now);
  bool MayDrain(const Model& victim, const Model& wanted, Time now, Cause* cause);
  Duration LoadTime(const Model& model) const;
  Duration LoadTimeFrom(const Model& model, Tier tier) const;
  Duration Work(const Model& model) const;
  Time LimitOf(const Model& model) const;
  double Rate(const Model& model, Time now) const;
  void Look(Time when);

  Rules rules_;
  std::uint64_t next_id_ = 1;
  std::deque<std::unique_ptr<Model>> models_;
  std::unordered_map<std::string_view, Model*> by_name_;
  std::unordered_map<std::uint64_t, Call> calls_;
  int running_ = 0;
  int waiting_ = 0;
  int last_place_ = -1;  // of the latest load for calls with an order
  std::int64_t loads_ = 0;
  std::int64_t swaps_ = 0;
  Swap last_swap_;
  std::deque<Spell> spells_;
  std::vector<Order> orders_;
  Time look_ = Time::max();
};

}  // namespace moerge
