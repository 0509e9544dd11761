#include "transport/http/commit_progress.h"

#include <gtest/gtest.h>

namespace marconi::transport::http {
namespace {

using base::CommitOutcome;
using base::CommitTicket;

TEST(CommitProgress, tells_pending_durable_and_failed_tickets_apart) {
  CommitProgress progress;
  progress.settled({3}, CommitOutcome::durable);
  progress.settled({5}, CommitOutcome::failed);
  progress.settled({7}, CommitOutcome::failed);
  progress.settled({9}, CommitOutcome::durable);
  for (const std::uint64_t ticket : {0, 1, 3, 8, 9}) {
    EXPECT_EQ(progress.outcome_of(CommitTicket{ticket}), CommitOutcome::durable) << ticket;
  }
  for (const std::uint64_t ticket : {4, 5, 6, 7}) {
    EXPECT_EQ(progress.outcome_of(CommitTicket{ticket}), CommitOutcome::failed) << ticket;
  }
  EXPECT_EQ(progress.outcome_of(CommitTicket{10}), std::nullopt);
}

TEST(CommitProgress, a_settled_ticket_never_changes) {
  CommitProgress progress;
  progress.settled({5}, CommitOutcome::durable);
  progress.settled({4}, CommitOutcome::failed);
  EXPECT_EQ(progress.outcome_of(CommitTicket{4}), CommitOutcome::durable);
}

TEST(CommitProgress, however_many_failures_never_makes_a_failed_ticket_durable) {
  CommitProgress progress;
  constexpr std::uint64_t kFailures = 1000;
  for (std::uint64_t i = 1; i <= kFailures; ++i) {
    progress.settled({2 * i - 1}, CommitOutcome::durable);
    progress.settled({2 * i}, CommitOutcome::failed);
  }
  for (std::uint64_t i = 1; i <= kFailures; ++i) {
    ASSERT_EQ(progress.outcome_of(CommitTicket{2 * i}), CommitOutcome::failed) << i;
  }
  EXPECT_EQ(progress.outcome_of(CommitTicket{2 * kFailures - 1}), CommitOutcome::durable);
}

}  // namespace
}  // namespace marconi::transport::http
