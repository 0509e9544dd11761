#include "storage/mongodb/claim_record.h"

#include "storage/mongodb/documents.h"

namespace marconi::storage::mongodb {

namespace {

Document changing_part(const ClaimRecord& claim) {
  return {{"t", claim.ttl_seconds}, {"e", date_of(claim.ends)}, {"s", claim.started}};
}

Result<std::optional<ClaimRecord>> find_marked(const Shared& shared, std::string_view scope,
                                               const ObjectId& id, Moment now) {
  Document filter{{"p_q", scope}, {"tx", nullptr}};
  add_claimed_by(filter, id, now);
  const auto found = shared.messages.find_one(shared.options.placement.messages(scope), filter,
                                              {.fields = {{"c", 1}}});
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  const auto mark = (*found)->view();
  ClaimRecord claim{
      .ttl_seconds = integer_at(mark, "c.t"), .started = {}, .ends = integer_at(mark, "c.e")};
  claim.started = date_of(claim.ends - claim.ttl_seconds);
  return claim;
}

}  // namespace

Result<void> add_claim(const Shared& shared, std::string_view scope, const ObjectId& id,
                       const ClaimRecord& claim) {
  Document record{{"_id", id}, {"p_q", scope}};
  for (const auto& element : changing_part(claim).view().elements()) {
    record.append({element.name, element.value});
  }
  const auto added =
      shared.messages.write(shared.options.placement.claims(scope),
                            {.kind = Write::Kind::insert, .filter = {}, .change = record});
  if (added || added.error().kind == base::ErrorKind::conflict) return {};
  return std::unexpected(added.error());
}

Result<void> renew_claim(const Shared& shared, std::string_view scope, const ObjectId& id,
                         const ClaimRecord& claim) {
  return shared.messages.upsert(shared.options.placement.claims(scope),
                                {{"_id", id}, {"p_q", scope}}, {{"$set", changing_part(claim)}});
}

Result<void> remove_claim(const Shared& shared, std::string_view scope, const ObjectId& id) {
  const auto removed = shared.messages.write(
      shared.options.placement.claims(scope),
      {.kind = Write::Kind::remove_one, .filter = {{"_id", id}, {"p_q", scope}}, .change = {}});
  if (!removed) return std::unexpected(removed.error());
  return {};
}

Result<std::optional<ClaimRecord>> find_live_claim(const Shared& shared, std::string_view scope,
                                                   const ObjectId& id, Moment now) {
  const auto found =
      shared.messages.find_one(shared.options.placement.claims(scope),
                               {{"_id", id}, {"p_q", scope}, where("e", "$gt", now.date())});
  if (!found) return std::unexpected(found.error());
  if (!*found) return find_marked(shared, scope, id, now);
  const auto record = (*found)->view();
  const auto ends = record.find("e")->as_date().value_or(Date{});
  const auto started = record.find("s");
  return ClaimRecord{.ttl_seconds = integer_at(record, "t"),
                     .started = started ? started->as_date().value_or(ends) : ends,
                     .ends = ends.millis / 1000};
}

}  // namespace marconi::storage::mongodb
