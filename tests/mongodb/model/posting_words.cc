#include "mongodb/model/posting_words.h"

#include <fmt/format.h>

#include "mongodb/model/hosts.h"
#include "mongodb/model/posting_model.h"

namespace marconi::mongodb::model {
namespace {

std::string_view name_of(PostStep step) {
  switch (step) {
    case PostStep::recall:
      return "remember the counter";
    case PostStep::read_counter:
      return "read the counter";
    case PostStep::help:
      return "help";
    case PostStep::choose_base:
      return "choose the base";
    case PostStep::write_documents:
      return "write";
    case PostStep::commit:
      return "commit";
    case PostStep::announce:
      return "add the tag to the counter";
    case PostStep::publish:
      return "publish";
    case PostStep::withdraw:
      return "withdraw";
    case PostStep::begin_transaction:
      return "begin the transaction";
    case PostStep::commit_transaction:
      return "commit the transaction";
    case PostStep::finished:
    case PostStep::crashed:
      break;
  }
  return "stop";
}

std::string_view name_of(ReadStep step) {
  switch (step) {
    case ReadStep::read_counter:
      return "read the counter";
    case ReadStep::help:
      return "help";
    case ReadStep::count_letter:
      return "move the counter behind";
    case ReadStep::scan:
      break;
  }
  return "scan";
}

std::string_view name_of(RemovalStep step) {
  switch (step) {
    case RemovalStep::read_counter:
      return "read the counter";
    case RemovalStep::purge:
      return "purge";
    case RemovalStep::remove_counter:
    case RemovalStep::finished:
      break;
  }
  return "remove the counter";
}

std::string action_of(const PostingModel::Step& step) {
  switch (step.actor) {
    case kObserver:
      return fmt::format("observer: {}", step.action == kEndPage
                                             ? "end the page"
                                             : name_of(static_cast<ReadStep>(step.action)));
    case kSweeper:
      return fmt::format("sweeper: {}", name_of(static_cast<ReadStep>(step.action)));
    case kConsumer:
      return "consumer: delete";
    case kExpiry:
      return "expire";
    case kRemover:
      return fmt::format("remover: {}", name_of(static_cast<RemovalStep>(step.action)));
    case kNetwork:
      return "a late commit arrives";
    default:
      break;
  }
  const int producer = step.actor - kProducer;
  switch (step.action) {
    case kCrash:
      return fmt::format("producer {}: crash", producer);
    case kLoseAnswer:
      return fmt::format("producer {}: commit, and the answer is lost", producer);
    default:
      return fmt::format("producer {}: {}", producer, name_of(static_cast<PostStep>(step.action)));
  }
}

}  // namespace

std::string_view name_of(Protection protection) {
  switch (protection) {
    case Protection::poster_helps:
      return "poster_helps";
    case Protection::commit_names_value:
      return "commit_names_value";
    case Protection::commit_is_one_change:
      return "commit_is_one_change";
    case Protection::base_from_counter:
      return "base_from_counter";
    case Protection::base_from_documents:
      return "base_from_documents";
    case Protection::publish_ascending:
      return "publish_ascending";
    case Protection::publish_names_tag:
      return "publish_names_tag";
    case Protection::pull_after_publishing:
      return "pull_after_publishing";
    case Protection::acknowledge_at_the_end:
      return "acknowledge_at_the_end";
    case Protection::renumber_descending:
      return "renumber_descending";
    case Protection::renumber_names_tag:
      return "renumber_names_tag";
    case Protection::fresh_tag_each_attempt:
      return "fresh_tag_each_attempt";
    case Protection::reader_helps:
      return "reader_helps";
    case Protection::scan_below_counter:
      return "scan_below_counter";
    case Protection::reads_what_it_moved:
      return "reads_what_it_moved";
    case Protection::transaction_helps:
      return "transaction_helps";
    case Protection::remembers_settled:
      return "remembers_settled";
    case Protection::recalls_once:
      return "recalls_once";
    case Protection::removal_names_value:
      break;
  }
  return "removal_names_value";
}

std::string PostingModel::describe(const Step& step) const {
  const std::string action = action_of(step);
  return step.document == Hosts::kNoDocument ? action
                                             : fmt::format("{} message {}", action, step.document);
}

}  // namespace marconi::mongodb::model
