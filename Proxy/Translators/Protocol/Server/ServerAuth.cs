using System.IO.Enumeration;
using System.Security.Cryptography;
using System.Text;
using BlockProxy.Volgen;

namespace BlockProxy.Proxy.Translators.Protocol.Server;

/// <summary>
/// Who may log in to which subvolume: <c>auth.login.SUBVOL.allow</c> and <c>auth.login.USER.password</c>, <c>auth.addr.SUBVOL.allow</c> and
/// <c>.reject</c>. Each of the two accepts, refuses or does not care; one refusal refuses, and without an acceptance nobody comes in. gluster-rpc
/// section 11.
/// </summary>
public sealed class ServerAuth
{
    private const string LoginPrefix = "auth.login.";
    private const string AddressPrefix = "auth.addr.";

    private readonly Dictionary<string, string> _options;
    private readonly bool _strict;

    private ServerAuth(Dictionary<string, string> options, bool strict)
    {
        _options = options;
        _strict = strict;
    }

    private enum Opinion
    {
        DoesNotCare,
        Accepts,
        Refuses,
    }

    /// <summary>Everybody may.</summary>
    public static ServerAuth Open { get; } = new(new() { [AddressPrefix + "*.allow"] = "*" }, strict: false);

    /// <summary>Reads the auth options of a protocol/server block.</summary>
    public static ServerAuth From(IReadOnlyList<VolfileOption> declared, bool strict = false)
    {
        ArgumentNullException.ThrowIfNull(declared);
        return new(declared.Where(o => o.Key.StartsWith("auth.", StringComparison.Ordinal)).ToDictionary(o => o.Key, o => o.Value, StringComparer.Ordinal), strict);
    }

    /// <summary>Whether that client may use that subvolume.</summary>
    /// <param name="subvolume">The name it asks for.</param>
    /// <param name="address">Its address without the port; a Unix socket's peer is on this machine.</param>
    /// <param name="userName">As it gave it, or null.</param>
    /// <param name="password">As it gave it, or null.</param>
    public bool Allows(string subvolume, string address, string? userName, string? password)
    {
        Opinion[] opinions = [OfLogin(subvolume, userName, password), OfAddress(subvolume, address)];
        return !opinions.Contains(Opinion.Refuses) && opinions.Contains(Opinion.Accepts);
    }

    private Opinion OfLogin(string subvolume, string? userName, string? password)
    {
        if (userName is null || Find(LoginPrefix, subvolume, ".allow") is not { } allowed)
            return Opinion.DoesNotCare;
        if (!allowed.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Any(name => Matches(name, userName)))
            return _strict ? Opinion.Refuses : Opinion.DoesNotCare;
        return _options.TryGetValue(LoginPrefix + userName + ".password", out var wanted) && password is not null
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(wanted), Encoding.UTF8.GetBytes(password))
            ? Opinion.Accepts
            : Opinion.Refuses;
    }

    private Opinion OfAddress(string subvolume, string address)
    {
        if (Find(AddressPrefix, subvolume, ".reject") is { } rejected && Lists(rejected, address))
            return Opinion.Refuses;
        return Find(AddressPrefix, subvolume, ".allow") is { } allowed && Lists(allowed, address) ? Opinion.Accepts : Opinion.DoesNotCare;
    }

    private string? Find(string prefix, string subvolume, string suffix) =>
        _options.GetValueOrDefault(prefix + subvolume + suffix) ?? _options.GetValueOrDefault(prefix + "*" + suffix);

    private static bool Lists(string patterns, string address) =>
        patterns.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Any(pattern => pattern.StartsWith('!') ? !Matches(pattern[1..], address) : Matches(pattern, address));

    private static bool Matches(string pattern, string text) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);
}
