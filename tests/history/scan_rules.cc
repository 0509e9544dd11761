#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "history/order.h"
#include "history/rules.h"

namespace marconi::history {
namespace {

class ScanJudge {
 public:
  explicit ScanJudge(const QueueFacts& facts) : facts_(facts), order_(facts) {}

  ScanJudgement run() {
    judge_order();
    for (const ScanFacts& scan : facts_.scans) {
      judge_scan(scan);
    }
    for (const Event* get : facts_.gets) {
      judge_get(*get);
    }
    judge_lost_pops();
    for (auto& [key, violation] : found_) {
      violations_.push_back(std::move(violation));
    }
    return {std::move(violations_), std::move(moved_by_)};
  }

 private:
  void judge_order() {
    const std::vector<Index> cycle = order_.contradiction();
    if (cycle.empty()) {
      return;
    }
    std::string what = "no order agrees with all scans and with real time:";
    constexpr std::size_t kShown = 12;
    for (std::size_t i = 0; i < std::min(cycle.size(), kShown); ++i) {
      what += fmt::format(" {} <", to_string(facts_.messages[cycle[i]].key));
    }
    what += cycle.size() > kShown ? fmt::format(" … ({} in all)", cycle.size())
                                  : fmt::format(" {}", to_string(facts_.messages[cycle[0]].key));
    violations_.push_back({Rule::order, facts_.queue, what, facts_.messages[cycle[0]].key});
  }

  void judge_scan(const ScanFacts& scan) {
    // The page on which the scan got each message.
    std::vector<Index> page_of(facts_.messages.size(), kNone);
    for (Index number = 0; number < scan.pages.size(); ++number) {
      for (const MessageKey key : scan.pages[number]->messages) {
        const Index message = facts_.find(key);
        if (message == kNone) {
          continue;
        }
        if (page_of[message] != kNone) {
          report(Rule::once, message,
                 fmt::format("scan {} got {} twice", scan.number, to_string(key)));
        } else {
          page_of[message] = number;
        }
      }
    }
    const std::vector<Index> passed_by = order_.lowest_after(page_of);
    const std::vector<Index> short_pages = short_pages_of(scan);
    for (Index message = 0; message < page_of.size(); ++message) {
      if (page_of[message] == kNone) {
        const Index page = std::min(passed_by[message], ended_behind(scan, short_pages, message));
        if (page != kNone) {
          judge_passed(*scan.pages[page], message);
        }
      }
    }
  }

  static std::vector<Index> short_pages_of(const ScanFacts& scan) {
    std::vector<Index> numbers;
    for (Index number = 0; number < scan.pages.size(); ++number) {
      if (scan.pages[number]->messages.size() < scan.pages[number]->limit) {
        numbers.push_back(number);
      }
    }
    return numbers;
  }

  /// The first page that reached the end of the queue after the message was stored.
  Index ended_behind(const ScanFacts& scan, const std::vector<Index>& short_pages,
                     Index message) const {
    const Time stored_by = facts_.posts[facts_.messages[message].post].stored_by;
    const auto found = std::ranges::upper_bound(
        short_pages, stored_by, {}, [&](Index number) { return scan.pages[number]->start; });
    return found == short_pages.end() ? kNone : *found;
  }

  /// A get passes what it names and does not show.
  void judge_get(const Event& get) {
    for (const MessageKey key : get.asked) {
      const Index message = facts_.find(key);
      const bool shown = std::ranges::find(get.messages, key) != get.messages.end();
      if (message != kNone && !shown &&
          facts_.posts[facts_.messages[message].post].stored_by < get.start) {
        judge_passed(get, message);
      }
    }
  }

  /// `page` is the first of its scan to pass the message, or a get.
  void judge_passed(const Event& page, Index index) {
    const MessageFacts& message = facts_.messages[index];
    const PostFacts& post = facts_.posts[message.post];
    if (post.stored_by == kNever) {
      return;
    }
    if (message.may_be_dead_from() <= page.end) {
      if (message.may_be_dead_but_for_lost_pops_from() > page.end) {
        popped_unseen_.insert(index);
      }
      if (message.may_be_dead_but_for_a_move_from() > page.end) {
        Time& by = moved_by_.try_emplace(message.key, kNever).first->second;
        by = std::min(by, page.end);
      }
      return;
    }
    const bool known_stored = post.event->outcome == Outcome::done || message.last_shown >= 0;
    if (!known_stored) {
      report(Rule::whole, index,
             fmt::format("{} passed {} of a lost post that is there otherwise", name_of(page),
                         to_string(message.key)));
    } else if (message.last_shown < page.start) {
      report(Rule::survives, index,
             fmt::format("{} is gone: {} passed it, and nothing showed it since",
                         to_string(message.key), name_of(page)));
    } else {
      report(Rule::no_gap, index,
             fmt::format("{} passed {}", name_of(page), to_string(message.key)));
    }
  }

  static std::string name_of(const Event& page) {
    return page.action == Action::get ? fmt::format("a get of client {}", page.client)
                                      : fmt::format("scan {}", page.scan);
  }

  /// Pops without an answer explain that messages are gone, but not more than they asked for.
  void judge_lost_pops() {
    if (popped_unseen_.size() > facts_.lost_pops_take) {
      report(Rule::survives, *popped_unseen_.begin(),
             fmt::format("{} messages are gone, of which pops without an answer took {} at most",
                         popped_unseen_.size(), facts_.lost_pops_take));
    }
  }

  /// Keeps the first report for each rule and message.
  void report(Rule rule, Index message, std::string what) {
    const MessageKey key = facts_.messages[message].key;
    found_.try_emplace({rule, key}, Violation{rule, facts_.queue, std::move(what), key});
  }

  const QueueFacts& facts_;
  Order order_;
  std::set<Index> popped_unseen_;  ///< that only pops without an answer can have taken
  std::map<std::pair<Rule, MessageKey>, Violation> found_;
  std::vector<Violation> violations_;
  std::map<MessageKey, Time> moved_by_;
};

}  // namespace

ScanJudgement judge_scans(const QueueFacts& facts) { return ScanJudge(facts).run(); }

}  // namespace marconi::history
