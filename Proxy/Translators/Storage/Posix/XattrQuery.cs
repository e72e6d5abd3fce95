using System.IO.Enumeration;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Translators.Storage.Posix.Native;

namespace BlockProxy.Proxy.Translators.Storage.Posix;

/// <summary>
/// What a fop's xdata asks about the file, beside the attributes every reply has: stored attributes by name or pattern, the content of small
/// files, and counts. Keys that ask for what is not there are left out of the answer.
/// </summary>
internal sealed class XattrQuery(Brick brick)
{
    /// <summary>Files up to this size are handed out with a lookup, if the client wants that much.</summary>
    private const int ContentLimit = 1 << 20;

    /// <summary>The answer's dictionary; null when nothing was asked.</summary>
    public Xdata? Answer(Xdata? asked, in InodeRef found, in Iatt stat)
    {
        if (asked is null || asked.Count == 0)
            return null;
        var answer = new Xdata();
        List<string>? all = null;
        foreach (var (key, value) in asked)
        {
            if (XattrKeys.IsIgnorable(key))
                continue;
            switch (key)
            {
                case XattrKeys.Content:
                    if (stat.Type == FileType.Regular && value.TryGetNumber(out var wanted))
                        AddContent(answer, found.File, (ulong)wanted, stat.Size);
                    break;
                case XattrKeys.OpenFdCount or XattrKeys.ActiveFdCount:
                    answer[key] = XdataValue.UInt((ulong)found.Inode.OpenFds);
                    break;
                case XattrKeys.RequestLinkCount:
                    answer[key] = value;
                    break;
                case XattrKeys.GetSize:
                    if (stat.Type == FileType.Regular)
                        answer[key] = XdataValue.UInt(stat.Size);
                    break;
                case XattrKeys.ListXattr:
                    foreach (var name in Names(found.File, ref all))
                    {
                        if (!XattrKeys.IsDropped(name) && name != "security.selinux" && !XattrKeys.IsHidden(name, pid: -1))
                            AddStored(answer, found.File, name);
                    }

                    break;
                default:
                    if (!XattrNames.IsStored(key))
                        break;
                    if (key.AsSpan().IndexOfAny('*', '?') < 0)
                    {
                        AddStored(answer, found.File, key);
                        break;
                    }

                    foreach (var name in Names(found.File, ref all))
                    {
                        if (FileSystemName.MatchesSimpleExpression(key, name, ignoreCase: false))
                            AddStored(answer, found.File, name);
                    }

                    break;
            }
        }

        return answer;
    }

    private List<string> Names(FileHandle file, ref List<string>? all)
    {
        if (all is null)
            XattrStore.List(file, brick.Names, out all);
        return all;
    }

    private void AddStored(Xdata answer, FileHandle file, string key)
    {
        if (!answer.Contains(key) && brick.Names.OnDisk(key) is { } name && XattrStore.Read(file, name, out var value) == Errno.None)
            answer[key] = XdataValue.Bytes(value);
    }

    private static void AddContent(Xdata answer, FileHandle file, ulong wanted, ulong size)
    {
        if (size > wanted || size > ContentLimit || Sys.Reopen(file, Sys.O_RDONLY, out var open) != Errno.None)
            return;
        using (open)
        {
            var content = new byte[size];
            if (Sys.Read(open!, content, 0, out var count) == Errno.None && count == content.Length)
                answer[XattrKeys.Content] = XdataValue.Bytes(content);
        }
    }
}
