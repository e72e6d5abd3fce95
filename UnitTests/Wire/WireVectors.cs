using System.Globalization;
using System.Text.Json;
using BlockProxy.Proxy.Fops;
using BlockProxy.Proxy.Wire.Rpc;
using BlockProxy.Proxy.Wire.Xdr;
using NUnit.Framework;

namespace BlockProxy.UnitTests.Wire;

/// <summary>A call between stock programs and its reply, as recorded. Callbacks have no reply.</summary>
internal sealed record Exchange(string Session, int Index, string Program, uint Version, uint Procedure, string Outcome, byte[] Call, byte[]? Reply)
{
    /// <summary>The procedure as a fop; <see cref="Fop.Null"/> for other programs.</summary>
    public Fop Fop => Program == "fops" ? (Fop)Procedure : Fop.Null;

    public bool Succeeded => Outcome.StartsWith("ok", StringComparison.Ordinal);

    /// <summary>Whether the reply has a body: it was accepted with success.</summary>
    public bool HasReplyBody => Reply is not null && !Outcome.StartsWith("refused", StringComparison.Ordinal) && !Outcome.StartsWith("denied", StringComparison.Ordinal);

    public ReadOnlySpan<byte> CallBody
    {
        get
        {
            var reader = new XdrReader(Call);
            RpcCallHeader.Read(ref reader, out _);
            return Call.AsSpan(reader.Position);
        }
    }

    public ReadOnlySpan<byte> ReplyBody
    {
        get
        {
            var reader = new XdrReader(Reply);
            RpcReplyHeader.Read(ref reader);
            return Reply.AsSpan(reader.Position);
        }
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Session}/{Index} {(Program == "fops" ? Fop.ToString() : $"{Program} {Procedure}")} {Outcome}");
}

/// <summary>The recorded exchanges of Vectors/*.json; Vectors/README.md says how they were made.</summary>
internal static class WireVectors
{
    private static readonly Lazy<IReadOnlyList<Exchange>> LazyAll = new(Load);

    public static IReadOnlyList<Exchange> All => LazyAll.Value;

    public static IEnumerable<Exchange> Replied => All.Where(e => e.Reply is not null);

    /// <summary>The first exchange of that session and fop that satisfies the condition.</summary>
    public static Exchange Find(string session, Fop fop, Func<Exchange, bool>? condition = null) =>
        All.First(e => e.Session == session && e.Fop == fop && fop != Fop.Null && (condition?.Invoke(e) ?? true));

    public static Exchange Find(string program, uint procedure, Func<Exchange, bool>? condition = null) =>
        All.First(e => e.Program == program && e.Procedure == procedure && (condition?.Invoke(e) ?? true));

    private static List<Exchange> Load()
    {
        var exchanges = new List<Exchange>();
        var folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Wire", "Vectors");
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var session = document.RootElement.GetProperty("session").GetString()!;
            foreach (var item in document.RootElement.GetProperty("exchanges").EnumerateArray())
            {
                exchanges.Add(new(
                    session,
                    exchanges.Count,
                    item.GetProperty("program").GetString()!,
                    item.GetProperty("version").GetUInt32(),
                    item.GetProperty("procedure").GetUInt32(),
                    item.GetProperty("outcome").GetString()!,
                    Convert.FromHexString(item.GetProperty("call").GetString()!),
                    item.GetProperty("reply").GetString() is { } reply ? Convert.FromHexString(reply) : null));
            }
        }

        return exchanges;
    }
}
