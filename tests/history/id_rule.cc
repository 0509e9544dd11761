#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "history/rules.h"

namespace marconi::history {
namespace {

class IdJudge {
 public:
  std::vector<Violation> run(const History& history) {
    for (const Event& event : history.events) {
      if (event.outcome == Outcome::done) {
        judge_messages(event);
        judge_get(event);
        judge_claim(event);
      }
    }
    return std::move(violations_);
  }

 private:
  void judge_messages(const Event& event) {
    for (std::uint32_t i = 0; i < event.ids.size(); ++i) {
      const MessageKey key =
          event.action == Action::post ? MessageKey{event.post, i} : event.messages[i];
      const std::uint32_t id = event.ids[i];
      const auto [named, is_new_id] = messages_.try_emplace(id, key);
      if (named->second != key) {
        report(id, event.queue, key,
               fmt::format("{} has the id that {} had", to_string(key), to_string(named->second)));
      }
      const auto [having, is_new_message] = ids_.try_emplace(number_of(key), id);
      if (having->second != id) {
        report(id, event.queue, key, fmt::format("{} was shown with two ids", to_string(key)));
      }
    }
  }

  /// An id names the message that has it, also to those who ask by it.
  void judge_get(const Event& event) {
    if (event.action != Action::get) {
      return;
    }
    for (std::uint32_t i = 0; i < event.messages.size(); ++i) {
      const MessageKey key = event.messages[i];
      if (std::ranges::find(event.asked, key) == event.asked.end()) {
        report(event.ids.empty() ? kNoId : event.ids[i], event.queue, key,
               fmt::format("{} was shown to client {}, who named the ids of others", to_string(key),
                           event.client));
      }
    }
  }

  void judge_claim(const Event& event) {
    if (event.action != Action::claim || event.claim_id == kNoId) {
      return;
    }
    const auto [named, is_new] = claims_.try_emplace(event.claim_id, event.claim);
    if (named->second != event.claim) {
      report(event.claim_id, event.queue,
             event.messages.empty() ? std::nullopt : std::optional(event.messages.front()),
             fmt::format("claim {} has the id that claim {} had", event.claim, named->second));
    }
  }

  static std::uint64_t number_of(MessageKey key) {
    return (std::uint64_t{key.post} << 32) | key.part;
  }

  void report(std::uint32_t id, std::uint32_t queue, std::optional<MessageKey> about,
              std::string what) {
    if (reported_.insert(id).second) {
      violations_.push_back({Rule::ids, queue, std::move(what), about});
    }
  }

  std::unordered_map<std::uint32_t, MessageKey> messages_;
  std::unordered_map<std::uint64_t, std::uint32_t> ids_;  // of messages
  std::unordered_map<std::uint32_t, std::uint32_t> claims_;
  std::unordered_set<std::uint32_t> reported_;
  std::vector<Violation> violations_;
};

}  // namespace

std::vector<Violation> judge_ids(const History& history) { return IdJudge().run(history); }

}  // namespace marconi::history
