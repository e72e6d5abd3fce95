namespace BlockProxy.Volgen.Definition;

/// <summary>A volume's state, with glusterd's codes.</summary>
public enum VolumeStatus
{
    Created = 0,
    Started = 1,
    Stopped = 2,
}
