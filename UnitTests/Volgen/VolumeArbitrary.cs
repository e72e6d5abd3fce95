using BlockProxy.Volgen.Definition;
using BlockProxy.Volgen.Options;
using FsCheck;
using FsCheck.Fluent;

namespace BlockProxy.UnitTests.Volgen;

/// <summary>Random definitions of volumes that the rules accept.</summary>
internal static class VolumeArbitrary
{
    private const int MaxOptions = 20;

    private static readonly Gen<(VolumeType Type, int Leaf, int Arbiter, int Redundancy)> Shapes = Gen.Elements(
        (VolumeType.Distribute, 1, 0, 0), (VolumeType.Replicate, 2, 0, 0), (VolumeType.Replicate, 3, 0, 0), (VolumeType.Replicate, 3, 1, 0),
        (VolumeType.Disperse, 3, 0, 1), (VolumeType.Disperse, 6, 0, 2));

    private static readonly Gen<KeyValuePair<string, string>> Options =
        from row in Gen.Elements(OptionTable.Rows.ToArray())
        from value in ValuesOf(row)
        select KeyValuePair.Create(row.Name, value);

    public static Arbitrary<VolumeDefinition> Any { get; } = Volumes().ToArbitrary();

    private static Gen<string> ValuesOf(OptionRow row) => row.Type switch
    {
        OptionValueType.Boolean => Gen.Elements("on", "off", "Yes", "0", "enable", "FALSE"),
        OptionValueType.Integer or OptionValueType.Time or OptionValueType.Size =>
            Gen.Elements(row.Least ?? 1, row.Most ?? 7, Math.Min((row.Least ?? 0) + 1, row.Most ?? 1)).Select(value => $"{value:0}"),
        OptionValueType.Percent or OptionValueType.PercentOrSize => Gen.Elements("0%", "50%", "99"),
        OptionValueType.Path => Gen.Constant("/some/where"),
        OptionValueType.Addresses or OptionValueType.ClientAddresses => Gen.Elements("*", "10.0.0.1,host"),
        OptionValueType.Priorities => Gen.Constant("*.a:1,*.b:2"),
        _ when row.Words.Count > 0 => Gen.Elements(row.Words.ToArray()),
        _ when row.Rule == OptionRule.Debug => Gen.Elements("off", "client"),
        _ => Gen.Elements("some", "thing"),
    };

    private static Gen<VolumeDefinition> Volumes() =>
        from shape in Shapes
        from sets in Gen.Choose(1, 3)
        from transport in Gen.Elements(VolumeTransport.Tcp, VolumeTransport.Tcp, VolumeTransport.Rdma)
        from status in Gen.Elements(Enum.GetValues<VolumeStatus>())
        from options in Options.ListOf().Resize(MaxOptions)
        select Accepted(new VolumeDefinition
        {
            Name = "vol-1",
            VolumeId = "7904e5fe-a2e5-4fd3-a89d-8482094b953e",
            Type = shape.Type,
            Status = status,
            Transport = transport,
            ReplicaCount = shape.Type == VolumeType.Replicate ? shape.Leaf : 1,
            ArbiterCount = shape.Arbiter,
            DisperseCount = shape.Type == VolumeType.Disperse ? shape.Leaf : 0,
            RedundancyCount = shape.Redundancy,
            ClientOpVersion = 40000,
            Auth = new("user", "password"),
            Bricks = [.. Enumerable.Range(0, shape.Leaf * sets).Select(n => new BrickDefinition($"10.0.0.{n}", $"/bricks/b{n}", $"vol-1-client-{n}"))],
        }, options);

    /// <summary>The volume with those of the options that it may have.</summary>
    private static VolumeDefinition Accepted(VolumeDefinition volume, IEnumerable<KeyValuePair<string, string>> options)
    {
        foreach (var (name, value) in options)
        {
            var next = volume with { Options = volume.Options.With(name, value) };
            if (DefinitionRules.FaultOf(next) is null)
                volume = next;
        }
        return volume;
    }
}
