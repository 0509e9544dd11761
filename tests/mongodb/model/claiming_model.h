// A model of claiming: what workers on several hosts, and somebody who deletes without a claim, do
// to the messages of one queue, one access to the database at a time.
//
// A message is free if no claim holds it, or one that has ended. All hosts take the time from the
// database, so that a claim ends for all of them at once; it can end between any two steps.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace marconi::mongodb::model {

/// What keeps a message from having two owners.
enum class ClaimProtection : std::uint8_t {
  claim_names_freedom,     ///< Claiming changes only messages that are still free.
  claim_is_read_back,      ///< A worker gets what carries its claim, not what it meant to take.
  renewal_names_claim,     ///< Renewing changes only messages that the claim still holds.
  deletion_names_claim,    ///< With a claim: the check and the deletion are one operation.
  deletion_names_freedom,  ///< Without one: likewise.
};

[[nodiscard]] std::string_view name_of(ClaimProtection protection);

class ClaimingModel {
 public:
  static constexpr int kMessages = 2;
  static constexpr int kWorkers = 2;
  static constexpr int kClaimsEach = 2;
  static constexpr int kClaims = kWorkers * kClaimsEach;

  enum class WorkerStep : std::uint8_t { look, claim, read_back, work, renew, erase, finished };
  enum class Lease : std::uint8_t { none, live, ended };

  struct State {
    struct Message {
      std::uint8_t stored;
      std::uint8_t claim;  ///< 1 + the claim's number; 0: none.
    };
    struct Worker {
      WorkerStep step;
      std::uint8_t claim;       ///< The number of its present claim.
      std::uint8_t candidates;  ///< Messages it found free and has not come to yet.
      std::uint8_t intended;    ///< All of these.
      std::uint8_t holds;       ///< Messages it was given.
      std::uint8_t erasing;     ///< 1 + a message that was checked and is to be deleted.
    };
    std::array<Message, kMessages> messages;
    std::array<Worker, kWorkers> workers;
    std::array<Lease, kClaims> leases;
    std::uint8_t cleaning;  ///< 1 + a message that was found free and is to be deleted.
    std::uint8_t stolen;    ///< A message was deleted under somebody's live claim.
  };

  struct Step {
    std::uint8_t actor;
    std::uint8_t action;
    std::uint8_t message;
  };

  struct Move {
    Step step;
    State next;
  };

  explicit ClaimingModel(std::optional<ClaimProtection> without) : without_(without) {}

  [[nodiscard]] State initial() const;
  void moves(const State& state, std::vector<Move>& found) const;
  [[nodiscard]] std::string violation(const State& state) const;
  [[nodiscard]] std::string describe(const Step& step) const;

 private:
  [[nodiscard]] bool keeps(ClaimProtection protection) const { return without_ != protection; }
  [[nodiscard]] static bool is_free(const State& state, int message);
  void take_step(State& state, int worker) const;
  void claim_next(State& state, int worker) const;
  void renew(State& state, int worker) const;
  void erase(State& state, int worker, int message) const;
  void clean(State& state, int message) const;
  static void remove(State& state, int message, int except_worker);
  static void begin_next(State::Worker& worker);
  void find_of_worker(const State& state, int worker, std::vector<Move>& found) const;

  std::optional<ClaimProtection> without_;
};

}  // namespace marconi::mongodb::model
