// The administrator's token, as its file has it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "app/access/admin_token.h"
#include "packwalk/installation/data_directory.h"
#include "packwalk/roles/ticker.h"

namespace packwalk {

/// One thread. `directory` outlives it.
class AdminTokenFile {
 public:
  /// To be made before the folder is locked: it looks whether a server has used the folder.
  explicit AdminTokenFile(const DataDirectory& directory);

  /// Reads the token, and makes one where there is none. Logs that in a folder that was used: whoever has the token
  /// before is shut out. Good as long as this.
  Result<const AdminToken*> read();

  /// From now on a new token is taken from the file within a second. While the file cannot be used, the token before
  /// stays.
  void follow();

 private:
  Result<std::string> text() const;
  void look();

  const DataDirectory& directory_;
  bool is_used_;
  std::optional<AdminToken> token_;
  std::string trouble_;             // that was logged last; of the ticker's thread
  std::unique_ptr<Ticker> ticker_;  // last: its thread uses all of it
};

}  // namespace packwalk
