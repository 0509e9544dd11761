// Random operations on a store, each compared with what a naive model says.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/contract/contract_suite.h"
#include "storage/contract/model.h"

namespace marconi::storage::contract {

/// What kind of run it is.
struct RunPlan {
  /// Replays a run; overridden by the environment variable MARCONI_CONTRACT_SEED.
  std::uint64_t seed = 0;
  int operations = 2500;
  /// A post has between one and this many messages.
  std::uint64_t largest_post = 8;
  /// Messages claimed this often move from queue `main` to queue `dead`.
  std::optional<std::int64_t> max_claim_count = std::nullopt;
  /// And from `dead` to `main`.
  bool both_ways = false;
  std::optional<std::int64_t> dead_letter_ttl_seconds = std::nullopt;
  /// Now and then the wall clock alone steps.
  bool step_wall = false;
  /// If set: called now and then to reopen the store.
  std::function<void()> reopen = nullptr;
};

/// Works on two queues, `main` and `dead`. Stops at the first difference and reports the seed and
/// the last operations.
class RandomRun {
 public:
  RandomRun(StoreContract& suite, RunPlan plan);

  void run();

 private:
  /// A claim that was made, with what it took.
  struct MadeClaim {
    ClaimId id;
    Ids messages;
  };

  /// One of the two queues, its model, and what has been handed out there.
  struct Side {
    explicit Side(QueueAddress queue) : address(std::move(queue)) {}

    QueueAddress address;
    std::string metadata_json = "{}";
    std::optional<std::int64_t> max_claim_count;
    ModelQueue model;
    bool exists = false;
    Marker last_marker;
    Ids ids;
    std::vector<MadeClaim> claims;
  };

  struct Operation {
    std::uint64_t weight;
    void (RandomRun::*perform)(Side&);
  };
  static const std::vector<Operation> kOperations;

  void post(Side& side);
  void list(Side& side);
  void get(Side& side);
  void remove(Side& side);
  void remove_many(Side& side);
  void remove_many_claimed(Side& side);
  void pop(Side& side);
  void purge(Side& side);
  void claim(Side& side);
  void get_claim(Side& side);
  void renew(Side& side);
  void release(Side& side);
  void advance(Side& side);
  void step_wall(Side& side);
  void collect_garbage(Side& side);
  void recreate(Side& side);
  void remove_dead(Side& side);
  void reopen(Side& side);

  void create(Side& side);
  void learn_markers(Side& side, const Ids& ids, std::vector<Marker>& markers);
  void bury(const Side& from, std::vector<ModelMessage> letters);
  void compare_everything();
  void set_model_time(base::UtcMillis now);

  std::uint64_t pick(std::uint64_t below);
  std::int64_t between(std::int64_t low, std::int64_t high);
  Side& pick_side();
  MessageId pick_id(Side& side);
  MadeClaim pick_claim(Side& side);

  void note(std::string operation);
  template <class T>
  void expect_equal(const T& model, const T& store, std::string_view what);

  StoreContract& suite_;
  RunPlan plan_;
  std::mt19937_64 random_;
  Side main_;
  Side dead_;
  base::UtcMillis now_;
  int posted_ = 0;
  std::deque<std::string> history_;
};

}  // namespace marconi::storage::contract
