using BlockProxy.Gateway.Configuration;
using BlockProxy.Io;
using BlockProxy.Proxy.Graph;
using BlockProxy.Proxy.Mgmt;
using BlockProxy.Proxy.Translators;
using BlockProxy.Volgen;
using Microsoft.Extensions.Logging;

namespace BlockProxy.Gateway.Hosting;

/// <summary>The volumes this gateway has open: each is fetched, built and waited for once, and follows its volfile from then on.</summary>
public sealed class VolumeManager(
    ServeConfiguration configuration, ITransport transport, TimeProvider time, ProcessIdentity process, ILoggerFactory loggers)
{
    private readonly Dictionary<string, Opened> _opened = new(StringComparer.Ordinal);
    private readonly ILogger _logger = loggers.CreateLogger("gateway");

    public IReadOnlyCollection<Volume> Volumes => [.. _opened.Values.Select(o => o.Volume)];

    /// <summary>Opens a volume by name; the empty name is that of <c>--volfile</c>.</summary>
    /// <exception cref="GatewayException">Its volfile, its translators or its bricks are not as they must be; the message says which.</exception>
    public async ValueTask<Volume> OpenAsync(string name, CancellationToken stop)
    {
        if (_opened.TryGetValue(name, out var known))
            return known.Volume;
        var (text, source, glusterd) = await ReadVolfileAsync(name, stop);
        try
        {
            var volfile = Parse(text, name, source);
            var title = name.Length > 0 ? name : volfile.Top.Name;
            var volume = new Volume(StockTranslators.Registry, new TranslatorEnvironment
            {
                Time = time,
                Transport = transport,
                Loggers = loggers,
                Random = Random.Shared,
                Process = process,
                VolumeName = title,
                VolfileServer = configuration.VolfileServer,
                Overrides = BrickWait(volfile),
            });
            if (volume.Load(volfile) is { } error)
                throw new GatewayException($"volume '{title}': {source}: {error}");
            var opened = new Opened(volume, glusterd);
            _opened.Add(name, opened);
            GatewayLog.VolumeOpened(_logger, title, source, volume.Graph!.Translators.Count);
            await WaitUntilUpAsync(volume, stop);
            if (glusterd is not null)
            {
                glusterd.VolfileChanged += changed => Changed(volume, changed, source);
                glusterd.Watch();
            }

            return volume;
        }
        catch
        {
            if (glusterd is not null && !_opened.ContainsKey(name))
                await glusterd.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes every volume: connections to bricks and to glusterd end.</summary>
    public async ValueTask StopAsync()
    {
        foreach (var opened in _opened.Values)
        {
            if (opened.Glusterd is not null)
                await opened.Glusterd.DisposeAsync();
            await opened.Volume.StopAsync();
        }

        _opened.Clear();
    }

    /// <summary>A text as a volfile.</summary>
    /// <exception cref="GatewayException">The text is not one; the message says where and why.</exception>
    public static Volfile Parse(string text, string volume, string source)
    {
        var parsed = VolfileParser.Parse(text);
        return parsed.Volfile ?? throw new GatewayException(
            volume.Length > 0 ? $"volume '{volume}': {source}: {parsed.Error}" : $"{source}: {parsed.Error}");
    }

    private async ValueTask<(string Text, string Source, GlusterdClient? Glusterd)> ReadVolfileAsync(string name, CancellationToken stop)
    {
        if (configuration.VolfilePath is { } path)
        {
            try
            {
                return (await File.ReadAllTextAsync(path, stop), $"file '{path}'", null);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new GatewayException($"volfile '{path}' cannot be read: {error.Message}", error);
            }
        }

        var server = configuration.VolfileServer!;
        var glusterd = new GlusterdClient(server, name, transport, time, loggers.CreateLogger("glusterd"));
        var deadline = time.GetUtcNow() + configuration.ConnectTimeout;
        while (true)
        {
            var answer = await glusterd.FetchAsync(stop);
            if (answer.Error == VolfileError.None)
                return (answer.Text, $"glusterd at {server.Host}:{server.Port}", glusterd);
            // A glusterd that is starting is worth waiting for; one that answers 'no' is not.
            if (answer.Error != VolfileError.ServerNotThere || time.GetUtcNow() + GlusterdClient.ReconnectInterval > deadline)
            {
                await glusterd.DisposeAsync();
                throw new GatewayException(answer.Message);
            }

            GatewayLog.WaitingForGlusterd(_logger, answer.Message);
            await Task.Delay(GlusterdClient.ReconnectInterval, time, stop);
        }
    }

    /// <summary>
    /// With replicas or fragments above the bricks a brick's loss is theirs to handle, at once. Without them nobody else has the data, and the
    /// operator says how long I/O waits for it.
    /// </summary>
    private IReadOnlyList<OptionOverride> BrickWait(Volfile volfile) =>
        volfile.Volumes.Any(v => v.Type is "cluster/replicate" or "cluster/disperse")
            ? []
            : [new OptionOverride("protocol/client", "reconnect-wait", configuration.BrickWait.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture))];

    private async ValueTask WaitUntilUpAsync(Volume volume, CancellationToken stop)
    {
        try
        {
            await volume.Graph!.WhenUpAsync().WaitAsync(configuration.ConnectTimeout, time, stop);
        }
        catch (TimeoutException error)
        {
            throw new GatewayException(
                $"volume '{volume.Name}': no brick could be reached within {configuration.ConnectTimeout.TotalSeconds} s; the lines above say why (is the volume started?)", error);
        }
    }

    private void Changed(Volume volume, string text, string source)
    {
        var parsed = VolfileParser.Parse(text);
        if (parsed.Volfile is { } volfile)
            volume.Apply(volfile);
        else
            GatewayLog.BadVolfile(_logger, volume.Name, source, parsed.Error!.ToString());
    }

    private sealed record Opened(Volume Volume, GlusterdClient? Glusterd);
}
