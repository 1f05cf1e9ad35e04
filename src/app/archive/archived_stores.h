// A store whose old messages are in the archive alone: whoever looks for messages finds all of them.
#pragma once

#include <memory>

#include "ports/archive_source.h"
#include "ports/audit_store.h"
#include "ports/clock.h"
#include "ports/ingest_store.h"
#include "ports/message_reader.h"

namespace packwalk {

/// Asks the archive only for messages from before ArchiveSource::archive_only_until(); everything else is the store's.
std::unique_ptr<MessageReader> make_archived_message_reader(std::unique_ptr<MessageReader> store,
                                                            std::unique_ptr<ArchiveSource> source,
                                                            std::unique_ptr<Archive> archive);
std::unique_ptr<AuditStore> make_archived_audit_store(std::unique_ptr<AuditStore> store,
                                                      std::unique_ptr<ArchiveSource> source,
                                                      std::unique_ptr<Archive> archive);

/// What comes again after its day was dropped is found in the archive, for messages of earlier days than that of
/// `clock`.
std::unique_ptr<IngestStore> make_archived_ingest_store(std::unique_ptr<IngestStore> store,
                                                        std::unique_ptr<ArchiveSource> source,
                                                        std::unique_ptr<Archive> archive, Clock& clock);

/// The first of both pages in their order, each message once, as far as both are known: up to the last message of the
/// shorter-reaching page. Both are sorted, without a message twice. An empty page has no more.
std::vector<StoredMessage> merged_page(std::vector<StoredMessage> store, std::vector<StoredMessage> archive,
                                       Paging page);

}  // namespace packwalk
