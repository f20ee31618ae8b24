// Files that are either whole or absent: written to a temporary name beside the target, synced, renamed.
#pragma once

#include <functional>
#include <string>

namespace msde {

// Calls `write(temporary_path)`, then fsyncs it, renames it to `path` and fsyncs the folder.
// The temporary name is `path` + ".tmp-<pid>", cut where names may be no longer; it is removed when `write` throws.
// A symbolic link stays, and the file that it leads to is replaced. A failed write or a
// full disk is a DataError naming the path and the system's reason.
void write_atomically(const std::string& path, const std::function<void(const std::string&)>& write);
void write_text_atomically(const std::string& path, const std::string& text);

// Removes temporaries that a killed process left in `folder` (recursively): names with ".tmp-" and digits.
void remove_stale_temporaries(const std::string& folder);

std::string read_text(const std::string& path);  // DataError if unreadable

}  // namespace msde
